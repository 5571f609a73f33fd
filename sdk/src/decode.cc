#include <algorithm>

#include "encode.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

OwnedValue DecodeAny(std::string_view any);

void DecodeKeyValue(std::string_view bytes, OwnedAttributes& attributes) {
  std::string key;
  OwnedValue value;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.tag() == field::kKey) key = reader.bytes();
    if (reader.tag() == field::kValue) value = DecodeAny(reader.bytes());
  }
  attributes.emplace_back(std::move(key), std::move(value));
}

std::vector<std::byte> Bytes(std::string_view bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return {begin, begin + bytes.size()};
}

// Our own encoder bounds the depth, so recursion is bounded.
OwnedValue DecodeAny(std::string_view any) {
  OwnedValue owned;
  WireReader reader(any);
  while (reader.Next()) {
    WireReader items(reader.bytes());
    switch (reader.tag()) {
      case field::kStringValue: owned.value = std::string(reader.bytes()); break;
      case field::kBoolValue: owned.value = reader.number() != 0; break;
      case field::kIntValue: owned.value = static_cast<std::int64_t>(reader.number()); break;
      case field::kDoubleValue: owned.value = reader.real(); break;
      case field::kBytesValue: owned.value = Bytes(reader.bytes()); break;
      case field::kArrayValue: {
        std::vector<OwnedValue> list;
        while (items.Next()) list.push_back(DecodeAny(items.bytes()));
        owned.value = std::move(list);
        break;
      }
      case field::kKeyValueList: {
        OwnedAttributes map;
        while (items.Next()) DecodeKeyValue(items.bytes(), map);
        owned.value = std::move(map);
        break;
      }
      default: break;
    }
  }
  return owned;
}

template <typename Id>
void CopyId(Id& id, std::string_view bytes) {
  if (bytes.size() == id.size()) std::copy(bytes.begin(), bytes.end(), id.begin());
}

void SetFlags(SpanContext& context, std::uint64_t flags) {
  context.sampled = (flags & kFlagSampled) != 0;
  context.random = (flags & kFlagRandom) != 0;
}

SpanRecord::Event DecodeEvent(std::string_view bytes) {
  SpanRecord::Event event;
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.tag()) {
      case field::kEventTime: event.time_unix_ns = reader.number(); break;
      case field::kEventName: event.name = reader.bytes(); break;
      case field::kEventAttributes: DecodeKeyValue(reader.bytes(), event.attributes); break;
      case field::kEventDroppedAttributes:
        event.attributes_dropped = static_cast<std::uint32_t>(reader.number());
        break;
      default: break;
    }
  }
  return event;
}

SpanRecord::Link DecodeLink(std::string_view bytes) {
  SpanRecord::Link link;
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.tag()) {
      case field::kLinkTraceId: CopyId(link.context.trace_id, reader.bytes()); break;
      case field::kLinkSpanId: CopyId(link.context.span_id, reader.bytes()); break;
      case field::kLinkTraceState:
        link.context.trace_state = TraceState::Parse(reader.bytes()).value_or(TraceState{});
        break;
      case field::kLinkAttributes: DecodeKeyValue(reader.bytes(), link.attributes); break;
      case field::kLinkDroppedAttributes: link.attributes_dropped = static_cast<std::uint32_t>(reader.number()); break;
      case field::kLinkFlags:
        SetFlags(link.context, reader.number());
        link.context.remote = (reader.number() & kFlagRemote) != 0;
        break;
      default: break;
    }
  }
  return link;
}

void DecodeStatus(std::string_view bytes, SpanRecord& span) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.tag() == field::kStatusMessage) span.status_description = reader.bytes();
    if (reader.tag() == field::kStatusCode) span.status = static_cast<SpanStatus>(reader.number());
  }
}

}  // namespace

SpanRecord DecodeSpan(std::string_view bytes) {
  SpanRecord span;
  WireReader reader(bytes);
  while (reader.Next()) {
    const auto count = static_cast<std::uint32_t>(reader.number());
    switch (reader.tag()) {
      case field::kTraceId: CopyId(span.context.trace_id, reader.bytes()); break;
      case field::kSpanId: CopyId(span.context.span_id, reader.bytes()); break;
      case field::kTraceState:
        span.context.trace_state = TraceState::Parse(reader.bytes()).value_or(TraceState{});
        break;
      case field::kParentSpanId: CopyId(span.parent_span_id, reader.bytes()); break;
      case field::kName: span.name = reader.bytes(); break;
      case field::kKind: span.kind = static_cast<SpanKind>(reader.number()); break;
      case field::kStartTime: span.start_unix_ns = reader.number(); break;
      case field::kEndTime: span.end_unix_ns = reader.number(); break;
      case field::kAttributes: DecodeKeyValue(reader.bytes(), span.attributes); break;
      case field::kDroppedAttributes: span.attributes_dropped = count; break;
      case field::kEvents: span.events.push_back(DecodeEvent(reader.bytes())); break;
      case field::kDroppedEvents: span.events_dropped = count; break;
      case field::kLinks: span.links.push_back(DecodeLink(reader.bytes())); break;
      case field::kDroppedLinks: span.links_dropped = count; break;
      case field::kStatus: DecodeStatus(reader.bytes(), span); break;
      case field::kFlags:
        SetFlags(span.context, reader.number());
        span.parent_remote = (reader.number() & kFlagRemote) != 0;
        break;
      default: break;
    }
  }
  return span;
}

}  // namespace nightjar::sdk
