// OTLP ExportLogsServiceRequest bytes → model. Limits and rules as for traces (otlp/decode_traces.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/log_record.h"

namespace nightjar::otlp {

struct DecodedLogs {
  model::LogBatch batch;               // valid records; LogRecord::project is empty
  std::uint64_t rejected_records = 0;  // left out, each for a reason
  std::uint64_t mended_strings = 0;    // not UTF-8: offending bytes, and halves of surrogate pairs, became U+FFFD
  std::string first_reason;            // of the first rejected record
};

// A record may have no trace id and no span id; one of another length than 16 and 8 bytes rejects the record.
// kInvalidArgument: not a message of this type in this encoding; nothing of it can be used.
// kResourceExhausted: over kRequestValuesMax.
Result<DecodedLogs> DecodeLogs(std::string_view body);      // protobuf
Result<DecodedLogs> DecodeLogsJson(std::string_view body);  // the JSON of OTLP

}  // namespace nightjar::otlp
