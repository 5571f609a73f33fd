// The rules that hold in both encodings: limits, ids, keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "model/metric.h"
#include "model/span.h"
#include "otlp/limits.h"

namespace nightjar::otlp::internal {

// Thrown inside this module only: the part being read breaks a limit or a rule, and is rejected with its span, record
// or point.
struct Rejected {
  std::string reason;
};
// Thrown inside this module only: the request holds more than kRequestValuesMax.
struct TooManyValues {};

// Of one request.
struct Counters {
  std::size_t values = 0;
  std::uint64_t mended_strings = 0;

  void CountValues(std::size_t more) {
    if (more > kRequestValuesMax - values) throw TooManyValues{};
    values += more;
  }
};

// Runs `read`. If that is rejected and `reason` is empty, the reason goes there.
template <typename Read>
void Attempt(std::string& reason, Read read) {
  try {
    read();
  } catch (Rejected& rejected) {
    if (reason.empty()) reason = std::move(rejected.reason);
  }
}

// Of the points of a metric.
constexpr std::string_view kMetricHasNoName = "a metric has no name";

// All throw Rejected.
void CheckValueDepth(int depth);
// REQUIRES: `earlier` of at most `max` `what` are there already, and one more has come.
void CheckRoom(std::size_t earlier, std::size_t max, std::string_view what);
void CheckIdsAreSet(const model::Span& span);
void CheckBuckets(const model::HistogramValue& histogram);

// `type`, and nothing of what was read for another one.
void SetType(model::Metric& metric, model::MetricType type);

// The last of equal keys wins, at the place of the first.
void KeepLastOfDuplicates(model::Attributes& attributes);

Error OverTheValueLimit();

}  // namespace nightjar::otlp::internal
