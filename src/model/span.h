// The telemetry model: plain values with OTLP's fields and nothing derived. Decoders make them, the store keeps them,
// readers give them back unchanged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"

namespace nightjar::model {

// OTLP AnyValue nesting; deeper input is refused with its span (opentelemetry-specification, AttributeValueDepthLimit).
constexpr int kValueDepthMax = 64;

class Value;
struct Attribute;

struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

using Array = std::vector<Value>;
using KeyValueList = std::vector<Attribute>;

// An OTLP AnyValue. Empty (nothing set) is a value of its own. Strings are valid UTF-8.
class Value {
 public:
  using Variant = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Array, KeyValueList>;

  Value() = default;
  Value(bool value);          // NOLINT(google-explicit-constructor)
  Value(std::int64_t value);  // NOLINT(google-explicit-constructor)
  Value(double value);        // NOLINT(google-explicit-constructor)
  Value(std::string value);   // NOLINT(google-explicit-constructor)
  Value(const char* value);   // NOLINT(google-explicit-constructor)
  Value(Bytes value);         // NOLINT(google-explicit-constructor)
  Value(Array value);         // NOLINT(google-explicit-constructor)
  Value(KeyValueList value);  // NOLINT(google-explicit-constructor)

  [[nodiscard]] const Variant& variant() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.index() == 0; }

  // The value if it has this type, otherwise nullptr.
  template <typename T>
  [[nodiscard]] const T* As() const {
    return std::get_if<T>(&value_);
  }

  bool operator==(const Value&) const;

 private:
  Variant value_;
};

struct Attribute {
  std::string key;
  Value value;
  bool operator==(const Attribute&) const = default;
};

// Defined here because they need a complete Attribute.
inline Value::Value(bool value) : value_(value) {}
inline Value::Value(std::int64_t value) : value_(value) {}
inline Value::Value(double value) : value_(value) {}
inline Value::Value(std::string value) : value_(std::move(value)) {}
inline Value::Value(const char* value) : value_(std::string(value)) {}
inline Value::Value(Bytes value) : value_(std::move(value)) {}
inline Value::Value(Array value) : value_(std::move(value)) {}
inline Value::Value(KeyValueList value) : value_(std::move(value)) {}

// Keys are unique: of duplicates the last wins, at the place of the first.
using Attributes = std::vector<Attribute>;

// The value of `key`, or nullptr.
const Value* Find(const Attributes& attributes, std::string_view key);
// The string value of `key`; empty when it is absent or of another type.
std::string_view FindString(const Attributes& attributes, std::string_view key);

struct Resource {
  Attributes attributes;
  std::uint32_t dropped_attributes = 0;
  std::string schema_url;
  bool operator==(const Resource&) const = default;
};

struct Scope {
  std::string name;
  std::string version;
  Attributes attributes;
  std::uint32_t dropped_attributes = 0;
  std::string schema_url;
  bool operator==(const Scope&) const = default;
};

struct Event {
  UnixNanos time_unix_ns = 0;
  std::string name;
  Attributes attributes;
  std::uint32_t dropped_attributes = 0;
  bool operator==(const Event&) const = default;
};

struct Link {
  TraceId trace_id;
  SpanId span_id;
  std::string trace_state;
  Attributes attributes;
  std::uint32_t dropped_attributes = 0;
  std::uint32_t flags = 0;
  bool operator==(const Link&) const = default;
};

// OTLP's numbers; a number outside the enum is kept as it came.
enum class SpanKind : std::int32_t { kUnspecified = 0, kInternal, kServer, kClient, kProducer, kConsumer };
enum class StatusCode : std::int32_t { kUnset = 0, kOk = 1, kError = 2 };

struct Span {
  std::string project;
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  // all zero: a root
  std::string name;
  SpanKind kind = SpanKind::kUnspecified;
  UnixNanos start_unix_ns = 0;
  UnixNanos end_unix_ns = 0;  // may lie before the start: clocks differ
  StatusCode status = StatusCode::kUnset;
  std::string status_message;
  std::string trace_state;
  std::uint32_t flags = 0;
  Attributes attributes;
  std::vector<Event> events;
  std::vector<Link> links;
  std::uint32_t dropped_attributes = 0;
  std::uint32_t dropped_events = 0;
  std::uint32_t dropped_links = 0;
  std::uint32_t resource = 0;  // index into SpanBatch::resources
  std::uint32_t scope = 0;     // index into SpanBatch::scopes
  bool operator==(const Span&) const = default;
};

// Spans with the resources and scopes they share.
struct SpanBatch {
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  std::vector<Span> spans;

  [[nodiscard]] const Resource& resource_of(const Span& span) const { return resources[span.resource]; }
  [[nodiscard]] const Scope& scope_of(const Span& span) const { return scopes[span.scope]; }
};

}  // namespace nightjar::model
