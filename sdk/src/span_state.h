// The inside of a running span, and the list of what is active on a thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes.h"
#include "nightjar/span.h"

namespace nightjar::sdk {

struct ThreadSpans;

// Where an attribute lies in SpanState::bytes; needed to replace it.
struct AttributeSlot {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t key_begin;
  std::uint32_t key_bytes;
};

// Owned by the Span or Scope handle while it is used, by its thread's spare list in between. A Scope is one without
// anything recorded: a context on the thread's list.
struct SpanState {
  enum class Life : std::uint8_t {
    kRunning,
    kEnded,     // ended on another thread; its own thread still has to take it off its list
    kOrphaned,  // its own thread has exited; End() deletes it
  };

  std::atomic<Life> life{Life::kRunning};
  bool recording = false;
  bool lent = false;  // to a processor's callback, whose handle must not end it
  SpanStatus status = SpanStatus::kUnset;
  ThreadSpans* home = nullptr;  // the thread on whose list it is; null: on none
  SpanState* below = nullptr;   // next on the thread's list, or on its spare list
  const TracerState* tracer = nullptr;
  Context context;                  // this span, and the values of its parent's context
  int exceptions = 0;               // std::uncaught_exceptions() at the start
  std::int64_t start_ns = 0;        // steady clock
  std::int64_t wall_offset_ns = 0;  // wall clock minus steady clock; one per trace and thread
  ByteBuffer bytes;                 // the fields of an OTLP Span, in the order they were set
  std::uint32_t name_begin = 0;     // of the field kName in `bytes`
  std::uint32_t name_end = 0;
  std::vector<AttributeSlot> slots;  // of which the first attribute_count are in use
  std::size_t attribute_count = 0;   // at most SpanLimits::attributes_max
  std::uint32_t attributes_dropped = 0;
  std::uint32_t events = 0;
  std::uint32_t events_dropped = 0;
  std::uint32_t links = 0;
  std::uint32_t links_dropped = 0;
  std::string status_description;

  // Attributes that the span can still take; 0 when it is not recorded.
  static std::size_t RoomLeft(const Span& span) noexcept;

  // A handle to be lent; REQUIRES: TakeBack() before it is destroyed.
  static Span Lend(SpanState& state) noexcept {
    state.lent = true;
    return Span(&state);
  }
  static void TakeBack(SpanState& state, Span& handle) noexcept {
    handle.state_ = nullptr;
    state.lent = false;
  }

  void InheritValues(const Context& parent) noexcept {
    if (context.values_ != parent.values_) context.values_ = parent.values_;
  }
  [[nodiscard]] SpanContext& span_context() noexcept { return context.span_; }
  void Forget() noexcept {  // what the spare list should not keep alive
    if (context.values_ != nullptr) context.values_.reset();
  }
};

}  // namespace nightjar::sdk
