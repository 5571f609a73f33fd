// Field numbers are those of opentelemetry-proto 1.x (trace.proto, resource.proto, common.proto). A known field with
// another wire type is skipped like an unknown one, as protobuf asks. A singular field that comes twice: last wins.
#include "otlp/decode_traces.h"

#include <fmt/format.h>

#include <protozero/pbf_message.hpp>

#include "base/utf8.h"
#include "otlp/internal/trace_batch.h"

namespace nightjar::otlp {
namespace {

using internal::CheckRoom;
using internal::Rejected;
using internal::TraceBatch;
using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr std::uint32_t Tag(protozero::pbf_tag_type field, pbf_wire_type type) {
  return protozero::tag_and_type(field, type);
}
constexpr std::uint32_t Varint(protozero::pbf_tag_type field) { return Tag(field, pbf_wire_type::varint); }
constexpr std::uint32_t Text(protozero::pbf_tag_type field) { return Tag(field, pbf_wire_type::length_delimited); }
constexpr std::uint32_t Fixed64(protozero::pbf_tag_type field) { return Tag(field, pbf_wire_type::fixed64); }
constexpr std::uint32_t Fixed32(protozero::pbf_tag_type field) { return Tag(field, pbf_wire_type::fixed32); }

std::string_view View(protozero::data_view view) { return {view.data(), view.size()}; }

class Decoder {
 public:
  DecodedTraces Run(std::string_view body) {
    pbf_reader request(body.data(), body.size());
    while (request.next()) {
      if (request.tag_and_type() == Text(1)) {
        ReadResourceSpans(request.get_message());
      } else {
        request.skip();
      }
    }
    return batch_.Take();
  }

 private:
  void ReadResourceSpans(pbf_reader message) {
    const TraceBatch::Place begin = batch_.here();
    const std::uint32_t resource = batch_.AddResource();
    std::string reason;  // not empty: the resource was refused, and its spans with it
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1):
          TraceBatch::Attempt(reason, [&] { ReadResource(message.get_message(), batch_.resource(resource)); });
          break;
        case Text(2): ReadScopeSpans(message.get_message(), resource); break;
        case Text(3): batch_.resource(resource).schema_url = ReadString(message); break;
        default: message.skip();
      }
    }
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadScopeSpans(pbf_reader message, std::uint32_t resource) {
    const TraceBatch::Place begin = batch_.here();
    const std::uint32_t scope = batch_.AddScope();
    std::string reason;  // not empty: the scope was refused, and its spans with it
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1):
          TraceBatch::Attempt(reason, [&] { ReadScope(message.get_message(), batch_.scope(scope)); });
          break;
        case Text(2):
          batch_.AddSpan(resource, scope, [this, span_message = message.get_message()](model::Span& span) {
            ReadSpan(span_message, span);
          });
          break;
        case Text(3): batch_.scope(scope).schema_url = ReadString(message); break;
        default: message.skip();
      }
    }
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadResource(pbf_reader message, model::Resource& resource) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): AppendAttribute(message.get_message(), resource.attributes, 1); break;
        case Varint(2): resource.dropped_attributes = message.get_uint32(); break;
        default: message.skip();
      }
    }
    internal::KeepLastOfDuplicates(resource.attributes);
  }

  void ReadScope(pbf_reader message, model::Scope& scope) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): scope.name = ReadString(message); break;
        case Text(2): scope.version = ReadString(message); break;
        case Text(3): AppendAttribute(message.get_message(), scope.attributes, 1); break;
        case Varint(4): scope.dropped_attributes = message.get_uint32(); break;
        default: message.skip();
      }
    }
    internal::KeepLastOfDuplicates(scope.attributes);
  }

  void ReadSpan(pbf_reader message, model::Span& span) {
    std::string_view trace_id;
    std::string_view span_id;
    std::string_view parent_span_id;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): trace_id = View(message.get_view()); break;
        case Text(2): span_id = View(message.get_view()); break;
        case Text(3): span.trace_state = ReadString(message); break;
        case Text(4): parent_span_id = View(message.get_view()); break;
        case Text(5): span.name = ReadString(message); break;
        case Varint(6): span.kind = static_cast<model::SpanKind>(message.get_int32()); break;
        case Fixed64(7): span.start_unix_ns = message.get_fixed64(); break;
        case Fixed64(8): span.end_unix_ns = message.get_fixed64(); break;
        case Text(9): AppendAttribute(message.get_message(), span.attributes, 1); break;
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
    span.trace_id = ReadId<TraceId>(trace_id, "trace_id");
    span.span_id = ReadId<SpanId>(span_id, "span_id");
    internal::CheckIdsAreSet(span);
    if (!parent_span_id.empty()) span.parent_span_id = ReadId<SpanId>(parent_span_id, "parent_span_id");
    internal::KeepLastOfDuplicates(span.attributes);
  }

  template <typename IdType>
  static IdType ReadId(std::string_view bytes, std::string_view field) {
    const auto id = IdType::FromBytes(bytes);
    if (!id) throw Rejected{fmt::format("{} has {} bytes, must have {}", field, bytes.size(), IdType::kSize)};
    return *id;
  }

  model::Event ReadEvent(pbf_reader message, std::size_t earlier) {
    CheckRoom(earlier, kEventsMax, "events");
    batch_.CountValue();
    model::Event event;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(1): event.time_unix_ns = message.get_fixed64(); break;
        case Text(2): event.name = ReadString(message); break;
        case Text(3): AppendAttribute(message.get_message(), event.attributes, 1); break;
        case Varint(4): event.dropped_attributes = message.get_uint32(); break;
        default: message.skip();
      }
    }
    internal::KeepLastOfDuplicates(event.attributes);
    return event;
  }

  model::Link ReadLink(pbf_reader message, std::size_t earlier) {
    CheckRoom(earlier, kLinksMax, "links");
    batch_.CountValue();
    model::Link link;
    std::string_view trace_id;
    std::string_view span_id;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): trace_id = View(message.get_view()); break;
        case Text(2): span_id = View(message.get_view()); break;
        case Text(3): link.trace_state = ReadString(message); break;
        case Text(4): AppendAttribute(message.get_message(), link.attributes, 1); break;
        case Varint(5): link.dropped_attributes = message.get_uint32(); break;
        case Fixed32(6): link.flags = message.get_fixed32(); break;
        default: message.skip();
      }
    }
    link.trace_id = ReadId<TraceId>(trace_id, "trace_id of a link");
    link.span_id = ReadId<SpanId>(span_id, "span_id of a link");
    internal::KeepLastOfDuplicates(link.attributes);
    return link;
  }

  void ReadStatus(pbf_reader message, model::Span& span) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(2): span.status_message = ReadString(message); break;
        case Varint(3): span.status = static_cast<model::StatusCode>(message.get_int32()); break;
        default: message.skip();
      }
    }
  }

  void AppendAttribute(pbf_reader message, model::Attributes& attributes, int depth) {
    CheckRoom(attributes.size(), kAttributesMax, "attributes");
    batch_.CountValue();
    model::Attribute& attribute = attributes.emplace_back();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): attribute.key = ReadString(message); break;
        case Text(2): attribute.value = ReadValue(message.get_message(), depth); break;
        default: message.skip();
      }
    }
  }

  model::Value ReadValue(pbf_reader message, int depth) {
    internal::CheckValueDepth(depth);
    model::Value value;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): value = ReadString(message); break;
        case Varint(2): value = message.get_bool(); break;
        case Varint(3): value = message.get_int64(); break;
        case Fixed64(4): value = message.get_double(); break;
        case Text(5): value = ReadArray(message.get_message(), depth); break;
        case Text(6): value = ReadKeyValueList(message.get_message(), depth); break;
        case Text(7): value = model::Bytes{std::string(View(message.get_view()))}; break;
        default: message.skip();
      }
    }
    return value;
  }

  model::Array ReadArray(pbf_reader message, int depth) {
    model::Array array;
    while (message.next()) {
      if (message.tag_and_type() == Text(1)) {
        batch_.CountValue();
        array.push_back(ReadValue(message.get_message(), depth + 1));
      } else {
        message.skip();
      }
    }
    return array;
  }

  model::KeyValueList ReadKeyValueList(pbf_reader message, int depth) {
    model::KeyValueList list;
    while (message.next()) {
      if (message.tag_and_type() == Text(1)) {
        AppendAttribute(message.get_message(), list, depth + 1);
      } else {
        message.skip();
      }
    }
    internal::KeepLastOfDuplicates(list);
    return list;
  }

  std::string ReadString(pbf_reader& message) {
    const std::string_view text = View(message.get_view());
    if (IsValidUtf8(text)) return std::string(text);
    batch_.CountMendedString();
    return ReplaceInvalidUtf8(text);
  }

  TraceBatch batch_;
};

}  // namespace

Result<DecodedTraces> DecodeTraces(std::string_view body) {
  try {
    return Decoder().Run(body);
  } catch (const protozero::exception& error) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the body is not a protobuf ExportTraceServiceRequest: {}", error.what()));
  } catch (const internal::TooManyValues&) {
    return Fail(internal::OverTheValueLimit());
  }
}

}  // namespace nightjar::otlp
