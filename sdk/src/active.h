// What is active on a thread: its running spans and scopes, the innermost first, and the spare states.
//
// States are recycled per thread, buffers included, so that a warm thread starts and ends spans without allocating. A
// state that is released on another thread stays on its list, marked, until its own thread comes by.
#pragma once

#include <cstdint>

#include "span_state.h"

namespace nightjar::sdk {

// Counted per thread by its owner, summed up by SumSpanCounts().
struct SpanCounts {
  std::uint64_t sampled = 0;
  std::uint64_t record_only = 0;
  std::uint64_t dropped = 0;
  std::uint64_t ended = 0;  // of those that were recorded
};

// Trivially destructible: statics may end spans after the thread's other objects are gone.
struct ThreadSpans {
  SpanState* innermost = nullptr;
  SpanState* spare = nullptr;
  std::uint32_t spare_count = 0;
  bool known = false;  // its counts are summed up
  bool exiting = false;
  std::int64_t wall_offset_ns = 0;
  std::int64_t wall_offset_until_ns = 0;  // steady clock
  // Written by this thread only.
  std::atomic<std::uint64_t> sampled{0};
  std::atomic<std::uint64_t> record_only{0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> ended{0};
  ThreadSpans* next = nullptr;  // of all threads; guarded by the list's mutex
};
extern constinit thread_local ThreadSpans t_spans;

inline void CountOne(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

// Has the thread's counts summed up from now on.
[[gnu::cold, gnu::noinline]] void KnowThread(ThreadSpans& thread) noexcept;

inline void CountEnded() noexcept {
  ThreadSpans& thread = t_spans;
  if (!thread.known) [[unlikely]]
    KnowThread(thread);  // one that ends what others start
  CountOne(thread.ended);
}

// A state for the caller; allocates when the thread has no spare one. Throws std::bad_alloc.
SpanState* NewState(ThreadSpans& thread);
inline SpanState* TakeState(ThreadSpans& thread) {
  SpanState* state = thread.spare;
  if (state == nullptr) [[unlikely]]
    return NewState(thread);
  thread.spare = state->below;
  --thread.spare_count;
  return state;
}

// Puts a state on this thread's list, as its innermost.
inline void Activate(ThreadSpans& thread, SpanState* state) noexcept {
  state->life.store(SpanState::Life::kRunning, std::memory_order_relaxed);
  state->home = &thread;
  state->below = thread.innermost;
  thread.innermost = state;
}

// Takes what has ended on other threads off the list.
SpanState* InnermostRunning(ThreadSpans& thread) noexcept;

// Null when nothing is active.
inline SpanState* Innermost(ThreadSpans& thread) noexcept {
  SpanState* state = thread.innermost;
  if (state != nullptr && state->life.load(std::memory_order_acquire) == SpanState::Life::kEnded) [[unlikely]] {
    return InnermostRunning(thread);
  }
  return state;
}

inline constexpr std::uint32_t kSpareStatesMax = 32;
inline constexpr std::size_t kSpareBytesMax = 16U << 10;  // larger buffers are freed with their span

// Deletes a state that need not be kept, or keeps it as a spare one.
void RecycleOrDelete(ThreadSpans& thread, SpanState* state) noexcept;

inline void Recycle(ThreadSpans& thread, SpanState* state) noexcept {
  if (thread.exiting || thread.spare_count == kSpareStatesMax || state->bytes.capacity() > kSpareBytesMax ||
      state->context.has_values()) [[unlikely]] {
    return RecycleOrDelete(thread, state);
  }
  state->home = nullptr;
  state->below = thread.spare;
  thread.spare = state;
  ++thread.spare_count;
}

// A state that is not the innermost of this thread: further down its list, or on another thread's.
void ReleaseOther(ThreadSpans& thread, SpanState* state) noexcept;

// Gives a state back, from the list it is on, if any. On any thread.
inline void Release(SpanState* state) noexcept {
  ThreadSpans& thread = t_spans;
  if (state->home == nullptr) {
    Recycle(thread, state);
  } else if (thread.innermost == state && state->life.load(std::memory_order_relaxed) == SpanState::Life::kRunning) {
    thread.innermost = state->below;
    Recycle(thread, state);
  } else {
    ReleaseOther(thread, state);
  }
}

SpanCounts SumSpanCounts() noexcept;

}  // namespace nightjar::sdk
