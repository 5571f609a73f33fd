#include "otlp/internal/rules.h"

#include <fmt/format.h>

#include <cmath>
#include <unordered_map>
#include <vector>

namespace nightjar::otlp::internal {
namespace {

// Up to about this size, comparing every pair is cheaper than hashing every key.
constexpr std::size_t kPairwiseMax = 32;

bool HasEqualKeys(const model::Attributes& attributes) {
  for (std::size_t i = 1; i < attributes.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (attributes[i].key == attributes[k].key) return true;
  return false;
}

}  // namespace

void CheckValueDepth(int depth) {
  if (depth > model::kValueDepthMax)
    throw Rejected{fmt::format("a value is nested deeper than {} levels", model::kValueDepthMax)};
}

void CheckRoom(std::size_t earlier, std::size_t max, std::string_view what) {
  if (earlier >= max) throw Rejected{fmt::format("more than {} {}", max, what)};
}

void CheckIdsAreSet(const model::Span& span) {
  if (span.trace_id.IsZero()) throw Rejected{"trace_id is all zero"};
  if (span.span_id.IsZero()) throw Rejected{"span_id is all zero"};
}

void CheckBuckets(const model::HistogramValue& histogram) {
  const std::size_t buckets = histogram.bucket_counts.size();
  const std::size_t bounds = histogram.explicit_bounds.size();
  if (buckets != (bounds == 0 && buckets == 0 ? 0 : bounds + 1))
    throw Rejected{fmt::format(
        "a histogram has {} bucket counts and {} bounds, must have one count more or none of both", buckets, bounds)};
  for (std::size_t i = 0; i < bounds; ++i)
    if (std::isnan(histogram.explicit_bounds[i]) ||
        (i > 0 && histogram.explicit_bounds[i] <= histogram.explicit_bounds[i - 1]))
      throw Rejected{"the bounds of a histogram do not ascend"};
}

void SetType(model::Metric& metric, model::MetricType type) {
  metric.type = type;
  metric.temporality = model::Temporality::kUnspecified;
  metric.monotonic = false;
}

void KeepLastOfDuplicates(model::Attributes& attributes) {
  if (attributes.size() <= kPairwiseMax && !HasEqualKeys(attributes)) return;
  std::unordered_map<std::string_view, std::size_t> place_of;
  place_of.reserve(attributes.size());
  std::vector<bool> repeats(attributes.size());
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto [place, is_new] = place_of.try_emplace(attributes[i].key, i);
    if (is_new) continue;
    attributes[place->second].value = std::move(attributes[i].value);
    repeats[i] = true;
  }
  std::size_t i = 0;
  std::erase_if(attributes, [&](const model::Attribute&) { return repeats[i++]; });
}

Error OverTheValueLimit() {
  return {ErrorCode::kResourceExhausted,
          fmt::format("the request holds more than {} values; send smaller batches", kRequestValuesMax)};
}

}  // namespace nightjar::otlp::internal
