// Spans: what a program marks as one piece of work, and the tracer that starts them.
//
// Nothing here throws, prints, blocks or aborts. When tracing is off, or the span was not sampled, every call returns
// at once and allocates nothing. Without memory what does not fit is dropped, and counted.
//
// Threads: all may use a Tracer at once, one at a time a Span.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/attributes.h"
#include "nightjar/context.h"

namespace nightjar {

class Tracer;

namespace sdk {
struct TracerState;
const TracerState* StateOf(const Tracer& tracer);
}  // namespace sdk

enum class SpanStatus : std::uint8_t { kUnset = 0, kOk = 1, kError = 2 };  // the values of OTLP
// The values of OTLP.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kClient = 3, kProducer = 4, kConsumer = 5 };

using SystemTime = std::chrono::system_clock::time_point;  // a moment of the wall clock

// Another span that this one has to do with, such as the one that queued its work.
struct Link {
  SpanContext context;
  std::vector<Attribute> attributes = {};
};

// What a span starts with.
struct SpanOptions {
  SpanKind kind = SpanKind::kInternal;
  // Null: Context::Current(). A context without a span starts a new trace: {.parent = &Context()} is a root.
  const Context* parent = nullptr;
  AttributeMap attributes = {};  // samplers see these, and not what is set later
  std::span<const Link> links = {};
  std::optional<SystemTime> start = {};  // unset: now
};

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
  //   if (span.recording()) span.SetAttribute("plan", Explain(question));
  [[nodiscard]] bool recording() const noexcept;

  // Setting a key again replaces its value.
  void SetAttribute(std::string_view key, const AttributeValue& value) noexcept {
    if (state_ != nullptr) StoreAttribute(key, value);
  }

  // Happened now, or at `time`.
  void AddEvent(std::string_view name, AttributeMap attributes = {}) noexcept {
    if (state_ != nullptr) StoreEvent(name, attributes);
  }
  void AddEvent(std::string_view name, AttributeMap attributes, std::optional<SystemTime> time) noexcept;

  // A link to an invalid context is kept if it has attributes or a trace state.
  //   span.AddLink(queued_by, {{"queue", "mail"}});
  void AddLink(const SpanContext& context, AttributeMap attributes = {}) noexcept;

  // Adds the event `exception` with the type's name and what(). Does not touch the status. Attributes given here go
  // before those with the same key.
  //   try {
  //     Ask(question);
  //   } catch (const std::exception& error) {
  //     span.RecordException(error, {{"exception.escaped", false}});
  //     span.SetStatus(SpanStatus::kError, error.what());
  //   }
  void RecordException(const std::exception& exception, AttributeMap attributes = {}) noexcept;
  // The exception that a `catch (...)` handles now, of whatever type.
  //   try {
  //     Ask(question);
  //   } catch (...) {
  //     span.RecordCurrentException();
  //     throw;
  //   }
  void RecordCurrentException() noexcept;

  // OK is final; an ERROR replaces UNSET; the description is kept for ERROR only.
  void SetStatus(SpanStatus status, std::string_view description = {}) noexcept;

  // The sampler saw the first name.
  //   span.UpdateName("GET /users/{id}");
  void UpdateName(std::string_view name) noexcept;

  // Hands the span to the processors, ended now or at `time`. Later calls on it do nothing.
  //   span.End(std::chrono::system_clock::now() - 5ms);
  void End() noexcept;
  void End(std::optional<SystemTime> time) noexcept;

  // Stays valid until the span ends; all zero when tracing is off.
  //   std::puts(span.context().trace_id_hex().c_str());
  [[nodiscard]] SpanContext context() const noexcept;

 private:
  friend class Tracer;
  friend struct sdk::SpanState;
  explicit Span(sdk::SpanState* state) noexcept : state_(state) {}
  void StoreAttribute(std::string_view key, const AttributeValue& value) noexcept;
  void StoreEvent(std::string_view name, AttributeMap attributes) noexcept;
  void EndInDestructor() noexcept;

  sdk::SpanState* state_ = nullptr;  // owned; null records nothing
};

// Starts spans. Thread-safe, and cheap to copy. From tracer() of tracing.h, or from a TracerProvider.
class Tracer {
 public:
  Tracer() noexcept;  // starts spans that record nothing

  // The span is not active: others become its children only through a Scope, or as `parent` of their options.
  //   Span span = tracer().StartSpan("send", {.kind = SpanKind::kClient, .attributes = {{"server.port", 443}}});
  Span StartSpan(std::string_view name, const SpanOptions& options) noexcept;
  Span StartSpan(std::string_view name) noexcept;

  // The span is this thread's innermost until it ends: spans that start meanwhile are its children.
  //   Span span = tracer().StartActiveSpan("work");
  Span StartActiveSpan(std::string_view name, const SpanOptions& options) noexcept;
  Span StartActiveSpan(std::string_view name) noexcept;

  // False when tracing is off: work that only feeds spans can be skipped.
  //   if (tracer().enabled()) span.SetAttribute("plan", Explain(question));
  [[nodiscard]] bool enabled() const noexcept { return slot_->load(std::memory_order_acquire) != nullptr; }

 private:
  friend class TracerProvider;
  friend Tracer& tracer() noexcept;
  friend const sdk::TracerState* sdk::StateOf(const Tracer& tracer);
  using Slot = std::atomic<const sdk::TracerState*>;
  explicit constexpr Tracer(const Slot& slot) noexcept : slot_(&slot) {}
  const Slot* slot_;  // of what outlives every tracer
};

}  // namespace nightjar
