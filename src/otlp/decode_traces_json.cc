#include "otlp/decode_traces.h"
#include "otlp/internal/json_request.h"

namespace nightjar::otlp {
namespace {

using internal::Batch;
using internal::CheckRoom;
using internal::ForEachField;
using internal::ForEachItem;
using internal::JsonValue;
using internal::ReadInteger;

class SpanReader {
 public:
  SpanReader(Batch<DecodedTraces>& batch, internal::JsonValues& values)
      : batch_(batch), counters_(batch.counters()), values_(values) {}

  void Read(JsonValue& value, internal::Origin origin) {
    batch_.AddItem([&](model::Span& span) {
      span.resource = origin.resource;
      span.scope = origin.scope;
      ReadSpan(value, span);
    });
  }

 private:
  void ReadSpan(JsonValue value, model::Span& span) {
    std::string_view trace_id;
    std::string_view span_id;
    std::string_view parent_span_id;
    ForEachField(value, "a span", [&](std::string_view key, JsonValue& field) {
      if (key == "traceId") {
        trace_id = internal::ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = internal::ReadPlainText(field, key);
      } else if (key == "parentSpanId") {
        parent_span_id = internal::ReadPlainText(field, key);
      } else {
        ReadSpanField(key, field, span);
      }
    });
    span.trace_id = internal::HexToId<TraceId>(trace_id, "traceId");
    span.span_id = internal::HexToId<SpanId>(span_id, "spanId");
    internal::CheckIdsAreSet(span);
    span.parent_span_id = internal::HexToOptionalId<SpanId>(parent_span_id, "parentSpanId");
  }

  void ReadSpanField(std::string_view key, JsonValue& field, model::Span& span) {
    if (key == "attributes") {
      span.attributes = values_.ReadAttributes(field, key);
    } else if (key == "name") {
      span.name = values_.ReadString(field, key);
    } else if (key == "kind") {
      span.kind = static_cast<model::SpanKind>(internal::ReadEnum(field, key));
    } else if (key == "startTimeUnixNano") {
      span.start_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "endTimeUnixNano") {
      span.end_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "status") {
      ReadStatus(field, span);
    } else if (key == "events") {
      span.events.clear();
      ForEachItem(field, key, [&](JsonValue& item) { AppendEvent(item, span.events); });
    } else if (key == "links") {
      span.links.clear();
      ForEachItem(field, key, [&](JsonValue& item) { AppendLink(item, span.links); });
    } else if (key == "traceState") {
      span.trace_state = values_.ReadString(field, key);
    } else if (key == "flags") {
      span.flags = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedAttributesCount") {
      span.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedEventsCount") {
      span.dropped_events = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedLinksCount") {
      span.dropped_links = ReadInteger<std::uint32_t>(field, key);
    }
  }

  void ReadStatus(JsonValue value, model::Span& span) {
    ForEachField(value, "status", [&](std::string_view key, JsonValue& field) {
      if (key == "message") {
        span.status_message = values_.ReadString(field, key);
      } else if (key == "code") {
        span.status = static_cast<model::StatusCode>(internal::ReadEnum(field, key));
      }
    });
  }

  void AppendEvent(JsonValue value, std::vector<model::Event>& events) {
    CheckRoom(events.size(), kEventsMax, "events");
    counters_.CountValues(1);
    model::Event& event = events.emplace_back();
    ForEachField(value, "an event", [&](std::string_view key, JsonValue& field) {
      if (key == "timeUnixNano") {
        event.time_unix_ns = ReadInteger<std::uint64_t>(field, key);
      } else if (key == "name") {
        event.name = values_.ReadString(field, key);
      } else if (key == "attributes") {
        event.attributes = values_.ReadAttributes(field, key);
      } else if (key == "droppedAttributesCount") {
        event.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      }
    });
  }

  void AppendLink(JsonValue value, std::vector<model::Link>& links) {
    CheckRoom(links.size(), kLinksMax, "links");
    counters_.CountValues(1);
    model::Link& link = links.emplace_back();
    std::string_view trace_id;
    std::string_view span_id;
    ForEachField(value, "a link", [&](std::string_view key, JsonValue& field) {
      if (key == "traceId") {
        trace_id = internal::ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = internal::ReadPlainText(field, key);
      } else if (key == "traceState") {
        link.trace_state = values_.ReadString(field, key);
      } else if (key == "attributes") {
        link.attributes = values_.ReadAttributes(field, key);
      } else if (key == "droppedAttributesCount") {
        link.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      } else if (key == "flags") {
        link.flags = ReadInteger<std::uint32_t>(field, key);
      }
    });
    link.trace_id = internal::HexToId<TraceId>(trace_id, "traceId of a link");
    link.span_id = internal::HexToId<SpanId>(span_id, "spanId of a link");
  }

  Batch<DecodedTraces>& batch_;
  internal::Counters& counters_;
  internal::JsonValues& values_;
};

}  // namespace

Result<DecodedTraces> DecodeTracesJson(std::string_view body) {
  return internal::DecodeJson<DecodedTraces, SpanReader>(
      body, {"ExportTraceServiceRequest", "resourceSpans", "scopeSpans", "spans"});
}

}  // namespace nightjar::otlp
