// The inside of a running span, and the list of the spans that run on a thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "nightjar/span.h"

namespace nightjar::sdk {

class Pipeline;
struct ThreadSpans;

// Where an attribute lies in SpanState::bytes; needed to replace it.
struct AttributeSlot {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t key_begin;
  std::uint32_t key_bytes;
};

// Owned by the Span handle while it runs, by its thread's spare list between spans.
struct SpanState {
  enum class Life : std::uint8_t {
    kRunning,
    kEnded,     // ended on another thread; its own thread still has to take it off its list
    kOrphaned,  // its own thread has exited; End() deletes it
  };

  std::atomic<Life> life{Life::kRunning};
  bool recording = false;
  SpanStatus status = SpanStatus::kUnset;
  ThreadSpans* home = nullptr;  // the thread that started it
  SpanState* below = nullptr;   // next on the thread's list, or on its spare list
  Pipeline* pipeline = nullptr;
  SpanContext context;
  int exceptions = 0;                     // std::uncaught_exceptions() at the start
  std::int64_t start_ns = 0;              // steady clock
  std::int64_t wall_offset_ns = 0;        // wall clock minus steady clock; one per trace and thread
  std::string bytes;                      // the fields of an OTLP Span, in the order they were set
  std::vector<AttributeSlot> attributes;  // at most SpanLimits::attributes_max
  std::uint32_t attributes_dropped = 0;
  std::uint32_t events = 0;
  std::uint32_t events_dropped = 0;
  std::string status_description;
};

}  // namespace nightjar::sdk
