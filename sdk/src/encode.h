// Spans as bytes of OTLP's protobuf (opentelemetry/proto/trace/v1/trace.proto, by field number). A span is encoded
// while the program fills it in, so that nothing has to be kept, copied or allocated per attribute.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "nightjar/span.h"
#include "settings.h"

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
  kStatus = 15,
  kFlags = 16,
};
enum Event : unsigned { kEventTime = 1, kEventName = 2, kEventAttributes = 3, kEventDroppedAttributes = 4 };
enum Status : unsigned { kStatusMessage = 2, kStatusCode = 3 };
enum KeyValue : unsigned { kKey = 1, kValue = 2 };
enum AnyValue : unsigned { kStringValue = 1, kBoolValue = 2, kIntValue = 3, kDoubleValue = 4, kArrayValue = 5 };
enum ArrayValue : unsigned { kArrayItem = 1 };
enum ResourceSpans : unsigned { kResource = 1, kScopeSpans = 2 };
enum ScopeSpans : unsigned { kScope = 1, kSpans = 2 };
enum Scope : unsigned { kScopeName = 1, kScopeVersion = 2 };
enum Resource : unsigned { kResourceAttributes = 1 };
enum Request : unsigned { kResourceSpans = 1 };
}  // namespace field

// Appends a KeyValue as field `tag`. `key` must be valid UTF-8; values are cleaned and cut to `characters_max`.
void AppendKeyValue(std::string& out, unsigned tag, std::string_view key, const AttributeValue& value,
                    std::size_t characters_max);

// Appends an event as field kEvents of a span.
void AppendEvent(std::string& out, std::string_view name, std::uint64_t time_unix_ns,
                 std::initializer_list<Attribute> attributes, const SpanLimits& limits);

// The part of every export request that stays the same: Resource and InstrumentationScope.
struct RequestEnvelope {
  std::string resource;
  std::string scope;
};
RequestEnvelope MakeEnvelope(const Settings& settings);

// An ExportTraceServiceRequest around `spans`, which are kSpans fields of a ScopeSpans, one after the other.
std::string EncodeRequest(const RequestEnvelope& envelope, std::string_view spans);

}  // namespace nightjar::sdk
