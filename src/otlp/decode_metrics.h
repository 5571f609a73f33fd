// OTLP ExportMetricsServiceRequest bytes → model. Limits and rules as for traces (otlp/decode_traces.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/metric.h"

namespace nightjar::otlp {

struct DecodedMetrics {
  model::MetricBatch batch;           // valid points; Metric::project is empty
  std::uint64_t rejected_points = 0;  // left out, each for a reason
  std::uint64_t mended_strings = 0;   // not UTF-8: offending bytes, and halves of surrogate pairs, became U+FFFD
  std::string first_reason;           // of the first rejected point
};

// A metric without a name rejects its points; one whose kind of data is not known has none that could be counted.
// kInvalidArgument: not a message of this type in this encoding; nothing of it can be used.
// kResourceExhausted: over kRequestValuesMax.
Result<DecodedMetrics> DecodeMetrics(std::string_view body);      // protobuf
Result<DecodedMetrics> DecodeMetricsJson(std::string_view body);  // the JSON of OTLP

}  // namespace nightjar::otlp
