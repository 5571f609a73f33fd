// Context: what belongs to the work that a thread does now: its span, its baggage, and values of the program's own.
// A Context is an immutable value. A Scope makes one current on its thread.
//
//   std::thread other([context = Context::Current()] {
//     Scope scope(context);                                    // spans started here belong to the starter's trace
//     Span span = tracer().StartActiveSpan("on another thread");
//   });
//
// In a coroutine a Scope must not live across a suspension, since another thread may resume it: say
//   auto answer = co_await Across(scope, AskLater(question));
// which takes the scope off the thread before it suspends and puts it on the thread that resumes.
//
// Threads: what is current belongs to the thread that calls.
#pragma once

#include <array>
#include <bit>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nightjar {

namespace sdk {
struct SpanState;
struct ContextValue {
  const void* key;
  std::shared_ptr<const void> value;
  std::shared_ptr<const ContextValue> next;
};
}  // namespace sdk

using TraceId = std::array<std::uint8_t, 16>;  // all zero: none
using SpanId = std::array<std::uint8_t, 8>;    // all zero: none

// The tracestate header of W3C Trace Context: up to 32 vendors' entries, the newest first.
//   TraceState state = TraceState::Parse("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7").value_or(TraceState());
//   state = state.With("shop", "a1").Without("rojo");
//   if (!state.empty()) std::puts(state.header().c_str());  // shop=a1,congo=t61rcWkgMzE
//   const bool ours = !state.Find("shop").empty();
// An immutable value: any thread may read it. Copies share their text, and never fail.
class TraceState {
 public:
  TraceState() = default;
  // Nothing when `header` breaks the grammar of W3C Trace Context, 3.3.1, or there is no memory.
  static std::optional<TraceState> Parse(std::string_view header) noexcept;

  // Empty when there is no such entry.
  [[nodiscard]] std::string_view Find(std::string_view key) const noexcept;
  // A copy with the entry first; the oldest entries go when there are more than 32. The same again when key or value
  // break the grammar, or there is no memory.
  [[nodiscard]] TraceState With(std::string_view key, std::string_view value) const noexcept;
  [[nodiscard]] TraceState Without(std::string_view key) const noexcept;
  [[nodiscard]] const std::string& header() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return header_ == nullptr; }
  bool operator==(const TraceState& other) const noexcept { return header() == other.header(); }

 private:
  explicit TraceState(std::string header);

  std::shared_ptr<const std::string> header_;  // null: empty
};

// What identifies a span to others: send it to another process, or show trace_id_hex() to the user.
//   const SpanContext context = CurrentContext();
//   if (context.valid()) std::printf("%s %s\n", context.trace_id_hex().c_str(), context.span_id_hex().c_str());
// A value: one thread at a time may change it. Copying never fails.
struct SpanContext {
  TraceId trace_id{};
  SpanId span_id{};
  bool sampled = false;
  bool random = false;  // at least 56 bits of the trace id are random (W3C Trace Context level 2)
  bool remote = false;  // came from another process
  TraceState trace_state = {};

  // False for the context of a span that tracing never started.
  [[nodiscard]] bool valid() const noexcept {
    const auto trace = std::bit_cast<std::array<std::uint64_t, 2>>(trace_id);
    return (trace[0] | trace[1]) != 0 && std::bit_cast<std::uint64_t>(span_id) != 0;
  }
  // 32 and 16 lower-case digits; empty when there is no memory.
  [[nodiscard]] std::string trace_id_hex() const noexcept;
  [[nodiscard]] std::string span_id_hex() const noexcept;
};

// Names a value in contexts, by its address. Make one object per value, with static storage. Any thread may use it.
//   static const ContextKey<std::string> kTenant;
//   const Context context = Context::Current().With(kTenant, "t-1");
//   const std::string* tenant = context.Find(kTenant);
template <typename Value>
class ContextKey {
 public:
  ContextKey() = default;
  ContextKey(const ContextKey&) = delete;
  ContextKey& operator=(const ContextKey&) = delete;
};

// An immutable value: any thread may read it. Copying costs two reference counts at most, and never fails.
//   const Context context = Context().WithSpan(queued_by);  // nothing of this thread's but that span
//   if (!context.has_values()) std::puts("no baggage");
//   const bool kept = context.span().sampled;
class Context {
 public:
  Context() = default;
  // Of this thread's innermost active span or Scope; empty when there is none.
  static Context Current() noexcept;

  [[nodiscard]] const SpanContext& span() const noexcept { return span_; }
  [[nodiscard]] Context WithSpan(SpanContext span) const noexcept {
    Context copy = *this;
    copy.span_ = std::move(span);
    return copy;
  }

  // Null when the context does not have it. Valid as long as this context or a copy lives.
  template <typename Value>
  [[nodiscard]] const Value* Find(const ContextKey<Value>& key) const noexcept {
    return static_cast<const Value*>(FindValue(&key));
  }
  // The same again when there is no memory.
  template <typename Value>
  [[nodiscard]] Context With(const ContextKey<Value>& key, std::type_identity_t<Value> value) const noexcept try {
    return WithValue(&key, std::make_shared<const Value>(std::move(value)));
  } catch (...) {
    return *this;
  }
  [[nodiscard]] bool has_values() const noexcept { return values_ != nullptr; }

 private:
  friend struct sdk::SpanState;
  [[nodiscard]] const void* FindValue(const void* key) const noexcept {
    for (const sdk::ContextValue* at = values_.get(); at != nullptr; at = at->next.get()) {
      if (at->key == key) return at->value.get();
    }
    return nullptr;
  }
  [[nodiscard]] Context WithValue(const void* key, std::shared_ptr<const void> value) const;

  SpanContext span_;
  std::shared_ptr<const sdk::ContextValue> values_;
};

// The context of this thread's innermost active span; not valid when there is none.
[[nodiscard]] SpanContext CurrentContext() noexcept;

// Makes a context current on this thread until it is destroyed. Scopes may end in any order, and on any thread; one
// thread at a time may use a Scope. Without memory the thread keeps the context that it had.
//   Scope scope(queued_by);
//   scope.Detach();  // before other work runs on this thread
//   scope.Attach();
class [[nodiscard]] Scope {
 public:
  explicit Scope(const Context& context) noexcept;
  // The current context with this span in it. Does not end the span.
  explicit Scope(const SpanContext& span) noexcept;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope() { Detach(); }

  // Takes the context off the thread it is on; puts it on this thread again. Each does nothing the second time.
  void Detach() noexcept;
  void Attach() noexcept;

 private:
  Context context_;
  sdk::SpanState* state_ = nullptr;  // null while detached, and when there was no memory
};

// co_await Across(scope, awaitable): see the top of the file. `scope` must outlive the expression, which one
// coroutine awaits, on whatever thread. Throws what the awaitable throws.
template <typename Awaiter>
class [[nodiscard]] Across {
 public:
  // Throws what moving the awaiter throws.
  Across(Scope& scope, Awaiter awaiter) : scope_(scope), awaiter_(std::move(awaiter)) {}
  bool await_ready() { return awaiter_.await_ready(); }
  template <typename Promise>
  auto await_suspend(std::coroutine_handle<Promise> handle) {
    scope_.Detach();  // before another thread can resume the coroutine
    return awaiter_.await_suspend(handle);
  }
  decltype(auto) await_resume() {
    scope_.Attach();
    return awaiter_.await_resume();
  }

 private:
  Scope& scope_;
  Awaiter awaiter_;
};

}  // namespace nightjar
