// Field numbers are those of opentelemetry-proto 1.x, logs.proto.
#include "otlp/decode_logs.h"

#include "otlp/internal/proto_request.h"

namespace nightjar::otlp {
namespace {

using internal::Fixed32;
using internal::Fixed64;
using internal::Text;
using internal::Varint;
using protozero::pbf_reader;

class RecordReader {
 public:
  RecordReader(internal::Batch<DecodedLogs>& batch, internal::ProtoValues& values) : batch_(batch), values_(values) {}

  void Read(pbf_reader message, internal::Origin origin) {
    batch_.AddItem([&](model::LogRecord& record) {
      record.resource = origin.resource;
      record.scope = origin.scope;
      ReadRecord(message, record);
    });
  }

 private:
  void ReadRecord(pbf_reader message, model::LogRecord& record) {
    std::string_view trace_id;
    std::string_view span_id;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(1): record.time_unix_ns = message.get_fixed64(); break;
        case Varint(2): record.severity_number = message.get_int32(); break;
        case Text(3): record.severity_text = values_.ReadString(message); break;
        case Text(5): values_.ReadValue(message.get_message(), record.body); break;
        case Text(6): values_.AppendAttribute(message.get_message(), record.attributes); break;
        case Varint(7): record.dropped_attributes = message.get_uint32(); break;
        case Fixed32(8): record.flags = message.get_fixed32(); break;
        case Text(9): trace_id = internal::ReadBytes(message); break;
        case Text(10): span_id = internal::ReadBytes(message); break;
        case Fixed64(11): record.observed_time_unix_ns = message.get_fixed64(); break;
        case Text(12): record.event_name = values_.ReadString(message); break;
        default: message.skip();
      }
    }
    record.trace_id = internal::BytesToOptionalId<TraceId>(trace_id, "trace_id");
    record.span_id = internal::BytesToOptionalId<SpanId>(span_id, "span_id");
    internal::KeepLastOfDuplicates(record.attributes);
  }

  internal::Batch<DecodedLogs>& batch_;
  internal::ProtoValues& values_;
};

}  // namespace

Result<DecodedLogs> DecodeLogs(std::string_view body) {
  return internal::DecodeProto<DecodedLogs, RecordReader>(body, "ExportLogsServiceRequest");
}

}  // namespace nightjar::otlp
