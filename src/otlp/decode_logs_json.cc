#include "otlp/decode_logs.h"
#include "otlp/internal/json_request.h"

namespace nightjar::otlp {
namespace {

using internal::JsonValue;
using internal::ReadInteger;

class RecordReader {
 public:
  RecordReader(internal::Batch<DecodedLogs>& batch, internal::JsonValues& values) : batch_(batch), values_(values) {}

  void Read(JsonValue& value, internal::Origin origin) {
    batch_.AddItem([&](model::LogRecord& record) {
      record.resource = origin.resource;
      record.scope = origin.scope;
      ReadRecord(value, record);
    });
  }

 private:
  void ReadRecord(JsonValue& value, model::LogRecord& record) {
    std::string_view trace_id;
    std::string_view span_id;
    internal::ForEachField(value, "a log record", [&](std::string_view key, JsonValue& field) {
      if (key == "traceId") {
        trace_id = internal::ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = internal::ReadPlainText(field, key);
      } else {
        ReadField(key, field, record);
      }
    });
    record.trace_id = internal::HexToOptionalId<TraceId>(trace_id, "traceId");
    record.span_id = internal::HexToOptionalId<SpanId>(span_id, "spanId");
  }

  void ReadField(std::string_view key, JsonValue& field, model::LogRecord& record) {
    if (key == "timeUnixNano") {
      record.time_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "observedTimeUnixNano") {
      record.observed_time_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "severityNumber") {
      record.severity_number = internal::ReadEnum(field, key);
    } else if (key == "severityText") {
      record.severity_text = values_.ReadString(field, key);
    } else if (key == "body") {
      record.body = values_.ReadValue(field, key);
    } else if (key == "attributes") {
      record.attributes = values_.ReadAttributes(field, key);
    } else if (key == "droppedAttributesCount") {
      record.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "flags") {
      record.flags = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "eventName") {
      record.event_name = values_.ReadString(field, key);
    }
  }

  internal::Batch<DecodedLogs>& batch_;
  internal::JsonValues& values_;
};

}  // namespace

Result<DecodedLogs> DecodeLogsJson(std::string_view body) {
  return internal::DecodeJson<DecodedLogs, RecordReader>(
      body, {"ExportLogsServiceRequest", "resourceLogs", "scopeLogs", "logRecords"});
}

}  // namespace nightjar::otlp
