// Field numbers are those of opentelemetry-proto 1.x, trace.proto.
#include "otlp/decode_traces.h"

#include <algorithm>
#include <cstddef>

#include "otlp/internal/proto_request.h"

namespace nightjar::otlp {
namespace {

using internal::Batch;
using internal::CheckRoom;
using internal::Fixed32;
using internal::Fixed64;
using internal::Text;
using internal::Varint;
using protozero::pbf_reader;

// A span with very many attributes must not make room for as many in those after it.
constexpr std::size_t kAttributesExpectedMax = 64;

class SpanReader {
 public:
  SpanReader(Batch<DecodedTraces>& batch, internal::ProtoValues& values)
      : batch_(batch), counters_(batch.counters()), values_(values) {}

  void Read(pbf_reader message, internal::Origin origin) {
    batch_.AddItem([&](model::Span& span) {
      span.resource = origin.resource;
      span.scope = origin.scope;
      ReadSpan(message, span);
    });
  }

 private:
  void ReadSpan(pbf_reader message, model::Span& span) {
    std::string_view trace_id;
    std::string_view span_id;
    std::string_view parent_span_id;
    span.attributes.reserve(attributes_expected_);
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): trace_id = internal::ReadBytes(message); break;
        case Text(2): span_id = internal::ReadBytes(message); break;
        case Text(3): span.trace_state = values_.ReadString(message); break;
        case Text(4): parent_span_id = internal::ReadBytes(message); break;
        case Text(5): span.name = values_.ReadString(message); break;
        case Varint(6): span.kind = static_cast<model::SpanKind>(message.get_int32()); break;
        case Fixed64(7): span.start_unix_ns = message.get_fixed64(); break;
        case Fixed64(8): span.end_unix_ns = message.get_fixed64(); break;
        case Text(9): values_.AppendAttribute(message.get_message(), span.attributes); break;
        case Varint(10): span.dropped_attributes = message.get_uint32(); break;
        case Text(11): span.events.push_back(ReadEvent(message.get_message(), span.events.size())); break;
        case Varint(12): span.dropped_events = message.get_uint32(); break;
        case Text(13): span.links.push_back(ReadLink(message.get_message(), span.links.size())); break;
        case Varint(14): span.dropped_links = message.get_uint32(); break;
        case Text(15): ReadStatus(message.get_message(), span); break;
        case Fixed32(16): span.flags = message.get_fixed32(); break;
        default: message.skip();
      }
    }
    span.trace_id = internal::BytesToId<TraceId>(trace_id, "trace_id");
    span.span_id = internal::BytesToId<SpanId>(span_id, "span_id");
    internal::CheckIdsAreSet(span);
    span.parent_span_id = internal::BytesToOptionalId<SpanId>(parent_span_id, "parent_span_id");
    internal::KeepLastOfDuplicates(span.attributes);
    attributes_expected_ = std::min(span.attributes.size(), kAttributesExpectedMax);
  }

  model::Event ReadEvent(pbf_reader message, std::size_t earlier) {
    CheckRoom(earlier, kEventsMax, "events");
    counters_.CountValues(1);
    model::Event event;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(1): event.time_unix_ns = message.get_fixed64(); break;
        case Text(2): event.name = values_.ReadString(message); break;
        case Text(3): values_.AppendAttribute(message.get_message(), event.attributes); break;
        case Varint(4): event.dropped_attributes = message.get_uint32(); break;
        default: message.skip();
      }
    }
    internal::KeepLastOfDuplicates(event.attributes);
    return event;
  }

  model::Link ReadLink(pbf_reader message, std::size_t earlier) {
    CheckRoom(earlier, kLinksMax, "links");
    counters_.CountValues(1);
    model::Link link;
    std::string_view trace_id;
    std::string_view span_id;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): trace_id = internal::ReadBytes(message); break;
        case Text(2): span_id = internal::ReadBytes(message); break;
        case Text(3): link.trace_state = values_.ReadString(message); break;
        case Text(4): values_.AppendAttribute(message.get_message(), link.attributes); break;
        case Varint(5): link.dropped_attributes = message.get_uint32(); break;
        case Fixed32(6): link.flags = message.get_fixed32(); break;
        default: message.skip();
      }
    }
    link.trace_id = internal::BytesToId<TraceId>(trace_id, "trace_id of a link");
    link.span_id = internal::BytesToId<SpanId>(span_id, "span_id of a link");
    internal::KeepLastOfDuplicates(link.attributes);
    return link;
  }

  void ReadStatus(pbf_reader message, model::Span& span) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(2): span.status_message = values_.ReadString(message); break;
        case Varint(3): span.status = static_cast<model::StatusCode>(message.get_int32()); break;
        default: message.skip();
      }
    }
  }

  Batch<DecodedTraces>& batch_;
  internal::Counters& counters_;
  internal::ProtoValues& values_;
  std::size_t attributes_expected_ = 0;  // as many as the span before had
};

}  // namespace

Result<DecodedTraces> DecodeTraces(std::string_view body) {
  return internal::DecodeProto<DecodedTraces, SpanReader>(body, "ExportTraceServiceRequest");
}

}  // namespace nightjar::otlp
