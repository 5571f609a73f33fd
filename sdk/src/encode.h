// Spans as bytes of OTLP's protobuf (opentelemetry/proto/trace/v1/trace.proto, by field number). A span is encoded
// while the program fills it in, so that nothing has to be kept, copied or allocated per attribute.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bytes.h"
#include "nightjar/attributes.h"
#include "nightjar/export.h"
#include "nightjar/provider.h"

namespace nightjar::sdk {

// Field numbers of the messages written and read here.
namespace field {
enum Span : unsigned {
  kTraceId = 1,
  kSpanId = 2,
  kTraceState = 3,
  kParentSpanId = 4,
  kName = 5,
  kKind = 6,
  kStartTime = 7,
  kEndTime = 8,
  kAttributes = 9,
  kDroppedAttributes = 10,
  kEvents = 11,
  kDroppedEvents = 12,
  kLinks = 13,
  kDroppedLinks = 14,
  kStatus = 15,
  kFlags = 16,
};
enum Event : unsigned { kEventTime = 1, kEventName = 2, kEventAttributes = 3, kEventDroppedAttributes = 4 };
enum Link : unsigned {
  kLinkTraceId = 1,
  kLinkSpanId = 2,
  kLinkTraceState = 3,
  kLinkAttributes = 4,
  kLinkDroppedAttributes = 5,
  kLinkFlags = 6,
};
enum Status : unsigned { kStatusMessage = 2, kStatusCode = 3 };
enum KeyValue : unsigned { kKey = 1, kValue = 2 };
enum AnyValue : unsigned {
  kStringValue = 1,
  kBoolValue = 2,
  kIntValue = 3,
  kDoubleValue = 4,
  kArrayValue = 5,
  kKeyValueList = 6,
  kBytesValue = 7,
};
enum ListValue : unsigned { kListItem = 1 };  // of an ArrayValue and of a KeyValueList
enum ResourceSpans : unsigned { kResource = 1, kScopeSpans = 2 };
enum ScopeSpans : unsigned { kScope = 1, kSpans = 2, kSchemaUrl = 3 };
enum Scope : unsigned { kScopeName = 1, kScopeVersion = 2, kScopeAttributes = 3 };
enum Resource : unsigned { kResourceAttributes = 1 };
enum Request : unsigned { kResourceSpans = 1 };
}  // namespace field

// The bits of field kFlags: the lower ones are those of traceparent.
inline constexpr std::uint32_t kFlagSampled = 1;
inline constexpr std::uint32_t kFlagRandom = 2;
inline constexpr std::uint32_t kFlagKnowsRemote = 0x100;
inline constexpr std::uint32_t kFlagRemote = 0x200;

// Appends a KeyValue as field `tag`. `key` must be valid UTF-8; values are cleaned and cut to the limits.
void AppendKeyValue(ByteBuffer& out, unsigned tag, std::string_view key, const AttributeValue& value,
                    const SpanLimits& limits);
void AppendKeyValue(ByteBuffer& out, unsigned tag, std::string_view key, const OwnedValue& value,
                    const SpanLimits& limits = {});

// Appends an event as field kEvents of a span, or a link as field kLinks.
void AppendEvent(ByteBuffer& out, std::string_view name, std::uint64_t time_unix_ns, AttributeMap attributes,
                 const SpanLimits& limits);
void AppendLink(ByteBuffer& out, const SpanContext& context, AttributeMap attributes, const SpanLimits& limits);

// The part of a request that stays the same for a tracer or a provider.
std::string EncodeScope(const TracerOptions& options);
std::string EncodeResource(const OwnedAttributes& attributes);

// An ExportTraceServiceRequest.
ByteBuffer EncodeRequest(const SpanBatch& batch);

// Reads what the functions above wrote; also any other Span, as far as it is well-formed.
SpanRecord DecodeSpan(std::string_view span);

}  // namespace nightjar::sdk
