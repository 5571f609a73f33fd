// Spans: what a program marks as one piece of work, and the tracer that starts them.
//
// Nothing here throws, prints, blocks or aborts. When tracing is off, or the span was not sampled, every call returns
// at once and allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace nightjar {

namespace sdk {
struct SpanState;
}  // namespace sdk

// What identifies a span to others: pass it to another thread, or show trace_id_hex() to the user.
struct SpanContext {
  std::array<std::uint8_t, 16> trace_id{};
  std::array<std::uint8_t, 8> span_id{};
  bool sampled = false;

  // False for the context of a span that tracing never started.
  [[nodiscard]] bool valid() const noexcept {
    return trace_id != decltype(trace_id){} && span_id != decltype(span_id){};
  }
  [[nodiscard]] std::string trace_id_hex() const;  // 32 lower-case digits
  [[nodiscard]] std::string span_id_hex() const;   // 16 lower-case digits
};

// A borrowed attribute value: text, a number, a bool or a list of texts. It lives as long as the call it is passed to.
using AttributeValue = std::variant<bool, std::int64_t, double, std::string_view, std::span<const std::string>>;

struct Attribute {
  std::string_view key;
  AttributeValue value;
};

enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };  // the values of OTLP

// A running span. Started by a Tracer, ended by End() or the destructor, whichever comes first. If the destructor runs
// because an exception leaves the scope, the status becomes ERROR unless one was set.
// One thread at a time may use a Span. It may end on another thread than the one that started it.
class [[nodiscard]] Span {
 public:
  Span() noexcept = default;  // records nothing
  Span(Span&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Span& operator=(Span&& other) noexcept {
    if (this != &other) {
      End();
      state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;
  ~Span() {
    if (state_ != nullptr) EndInDestructor();
  }

  // False when the span was not sampled, has ended, or tracing is off: work that only feeds attributes can be skipped.
  [[nodiscard]] bool recording() const noexcept;

  // Setting a key again replaces its value. Strings are stored as valid UTF-8: other bytes become U+FFFD.
  void SetAttribute(std::string_view key, const AttributeValue& value) noexcept {
    if (state_ != nullptr) StoreAttribute(key, value);
  }

  void AddEvent(std::string_view name, std::initializer_list<Attribute> attributes = {}) noexcept {
    if (state_ != nullptr) StoreEvent(name, attributes);
  }

  // Adds the event `exception` with the type's name and what(). Does not touch the status.
  void RecordException(const std::exception& exception) noexcept;

  // OK is final; an ERROR replaces UNSET; the description is kept for ERROR only.
  void SetStatus(SpanStatus status, std::string_view description = {}) noexcept;

  // Hands the span to the exporter. Later calls on it do nothing.
  void End() noexcept;

  // All zero when tracing is off or the span has ended.
  [[nodiscard]] SpanContext context() const noexcept;

 private:
  friend class Tracer;
  explicit Span(sdk::SpanState* state) noexcept : state_(state) {}
  void StoreAttribute(std::string_view key, const AttributeValue& value) noexcept;
  void StoreEvent(std::string_view name, std::initializer_list<Attribute> attributes) noexcept;
  void EndInDestructor() noexcept;

  sdk::SpanState* state_ = nullptr;  // owned; null records nothing
};

// Starts spans. Thread-safe. The only instance is tracer() of tracing.h.
class Tracer {
 public:
  // A child of this thread's innermost running span, or the root of a new trace. Until it ends, it is the innermost.
  Span StartSpan(std::string_view name) noexcept;

  // A child of `parent`, which may run on another thread; an invalid parent starts a new trace.
  Span StartSpan(std::string_view name, const SpanContext& parent) noexcept;
};

// The context of this thread's innermost running span; not valid when there is none.
[[nodiscard]] SpanContext CurrentContext() noexcept;

}  // namespace nightjar
