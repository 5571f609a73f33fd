#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/utf8.h"
#include "otlp/decode_metrics.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto decoded = nightjar::otlp::DecodeMetrics({reinterpret_cast<const char*>(data), size});
  if (!decoded) return 0;
  for (const auto& point : decoded->batch.points) {
    CHECK(point.metric < decoded->batch.metrics.size());
    const auto& metric = decoded->batch.metric_of(point);
    CHECK(metric.resource < decoded->batch.resources.size() && metric.scope < decoded->batch.scopes.size());
    CHECK(!metric.name.empty() && nightjar::IsValidUtf8(metric.name));
    const auto* histogram = std::get_if<nightjar::model::HistogramValue>(&point.value);
    if (histogram && !histogram->bucket_counts.empty())
      CHECK(histogram->bucket_counts.size() == histogram->explicit_bounds.size() + 1);
  }
  return 0;
}
