// Field numbers are those of opentelemetry-proto 1.x (trace.proto, resource.proto, common.proto). A known field with
// another wire type is skipped like an unknown one, as protobuf asks. A singular field that comes twice: last wins.
#include "otlp/decode_traces.h"

#include <fmt/format.h>

#include <protozero/pbf_message.hpp>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"

namespace nightjar::otlp {
namespace {

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

// Thrown inside this file only: the part being read breaks a limit or a rule, and is rejected with its span.
struct Rejected {
  std::string reason;
};
struct TooManyValues {};

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
    return std::move(out_);
  }

 private:
  void ReadResourceSpans(pbf_reader message) {
    std::vector<pbf_reader> scope_spans;
    model::Resource resource;
    std::string reason;  // not empty: the resource was refused, and its spans with it
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): reason = ReadOrReason([&] { resource = ReadResource(message.get_message()); }); break;
        case Text(2): scope_spans.push_back(message.get_message()); break;
        case Text(3): resource.schema_url = ReadString(message); break;
        default: message.skip();
      }
    }
    const auto index = static_cast<std::uint32_t>(out_.batch.resources.size());
    out_.batch.resources.push_back(std::move(resource));
    for (pbf_reader& scope : scope_spans) ReadScopeSpans(scope, index, reason);
  }

  void ReadScopeSpans(pbf_reader message, std::uint32_t resource, std::string reason) {
    std::vector<pbf_reader> spans;
    model::Scope scope;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): {
          const std::string scope_reason = ReadOrReason([&] { ReadScope(message.get_message(), scope); });
          if (reason.empty()) reason = scope_reason;
          break;
        }
        case Text(2): spans.push_back(message.get_message()); break;
        case Text(3): scope.schema_url = ReadString(message); break;
        default: message.skip();
      }
    }
    const auto index = static_cast<std::uint32_t>(out_.batch.scopes.size());
    out_.batch.scopes.push_back(std::move(scope));
    for (pbf_reader& span : spans) ReadSpanOrReject(span, resource, index, reason);
  }

  void ReadSpanOrReject(pbf_reader message, std::uint32_t resource, std::uint32_t scope, std::string reason) {
    model::Span span;
    span.resource = resource;
    span.scope = scope;
    if (reason.empty()) reason = ReadOrReason([&] { ReadSpan(message, span); });
    if (reason.empty()) {
      out_.batch.spans.push_back(std::move(span));
      return;
    }
    if (out_.rejected_spans++ == 0) out_.first_reason = std::move(reason);
  }

  // Runs `read`; returns why the part was rejected, or "".
  template <typename Read>
  std::string ReadOrReason(Read read) {
    try {
      read();
      return "";
    } catch (Rejected& rejected) {
      return std::move(rejected.reason);
    }
  }

  model::Resource ReadResource(pbf_reader message) {
    model::Resource resource;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): AppendAttribute(message.get_message(), resource.attributes, 1); break;
        case Varint(2): resource.dropped_attributes = message.get_uint32(); break;
        default: message.skip();
      }
    }
    KeepLastOfDuplicates(resource.attributes);
    return resource;
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
    KeepLastOfDuplicates(scope.attributes);
  }

  void ReadSpan(pbf_reader message, model::Span& span) {
    CountValue();
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
    if (span.trace_id.IsZero()) throw Rejected{"trace_id is all zero"};
    if (span.span_id.IsZero()) throw Rejected{"span_id is all zero"};
    if (!parent_span_id.empty()) span.parent_span_id = ReadId<SpanId>(parent_span_id, "parent_span_id");
    KeepLastOfDuplicates(span.attributes);
  }

  template <typename IdType>
  static IdType ReadId(std::string_view bytes, std::string_view field) {
    const auto id = IdType::FromBytes(bytes);
    if (!id) throw Rejected{fmt::format("{} has {} bytes, must have {}", field, bytes.size(), IdType::kSize)};
    return *id;
  }

  model::Event ReadEvent(pbf_reader message, std::size_t earlier) {
    if (earlier >= kEventsMax) throw Rejected{fmt::format("more than {} events", kEventsMax)};
    CountValue();
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
    KeepLastOfDuplicates(event.attributes);
    return event;
  }

  model::Link ReadLink(pbf_reader message, std::size_t earlier) {
    if (earlier >= kLinksMax) throw Rejected{fmt::format("more than {} links", kLinksMax)};
    CountValue();
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
    KeepLastOfDuplicates(link.attributes);
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
    if (attributes.size() >= kAttributesMax) throw Rejected{fmt::format("more than {} attributes", kAttributesMax)};
    CountValue();
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
    if (depth > model::kValueDepthMax)
      throw Rejected{fmt::format("an attribute value is nested deeper than {} levels", model::kValueDepthMax)};
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
        CountValue();
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
    KeepLastOfDuplicates(list);
    return list;
  }

  std::string ReadString(pbf_reader& message) {
    const std::string_view text = View(message.get_view());
    if (IsValidUtf8(text)) return std::string(text);
    ++out_.mended_strings;
    return ReplaceInvalidUtf8(text);
  }

  static void KeepLastOfDuplicates(model::Attributes& attributes) {
    std::unordered_map<std::string_view, std::size_t> place_of;
    place_of.reserve(attributes.size());
    bool any = false;
    for (std::size_t i = 0; i < attributes.size(); ++i) any |= !place_of.try_emplace(attributes[i].key, i).second;
    if (!any) return;
    model::Attributes kept;
    place_of.clear();
    std::unordered_map<std::string, std::size_t> kept_at;
    for (model::Attribute& attribute : attributes) {
      const auto [place, is_new] = kept_at.try_emplace(attribute.key, kept.size());
      if (is_new) {
        kept.push_back(std::move(attribute));
      } else {
        kept[place->second].value = std::move(attribute.value);
      }
    }
    attributes = std::move(kept);
  }

  void CountValue() {
    if (++values_ > kRequestValuesMax) throw TooManyValues{};
  }

  DecodedTraces out_;
  std::size_t values_ = 0;
};

}  // namespace

Result<DecodedTraces> DecodeTraces(std::string_view body) {
  try {
    return Decoder().Run(body);
  } catch (const protozero::exception& error) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the body is not a protobuf ExportTraceServiceRequest: {}", error.what()));
  } catch (const TooManyValues&) {
    return Fail(ErrorCode::kResourceExhausted,
                fmt::format("the request holds more than {} values; send smaller batches", kRequestValuesMax));
  }
}

}  // namespace nightjar::otlp
