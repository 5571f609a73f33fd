// OTLP ExportTraceServiceRequest bytes → model. Knows the encodings, not HTTP. Reads bytes of strangers: every length,
// count and depth is bounded (otlp/limits.h), and nothing is believed before it was checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/span.h"

namespace nightjar::otlp {

struct DecodedTraces {
  model::SpanBatch batch;            // valid spans; Span::project is empty
  std::uint64_t rejected_spans = 0;  // left out, each for a reason
  std::uint64_t mended_strings = 0;  // not UTF-8: offending bytes, and halves of surrogate pairs, became U+FFFD
  std::string first_reason;          // of the first rejected span
};

// kInvalidArgument: not a message of this type in this encoding; nothing of it can be used.
// kResourceExhausted: over kRequestValuesMax.
Result<DecodedTraces> DecodeTraces(std::string_view body);      // protobuf
Result<DecodedTraces> DecodeTracesJson(std::string_view body);  // the JSON of OTLP, which is not quite protobuf's

}  // namespace nightjar::otlp
