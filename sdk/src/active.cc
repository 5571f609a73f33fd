#include "active.h"

#include <pthread.h>

#include <memory>
#include <mutex>

namespace nightjar {
namespace sdk {

constinit thread_local ThreadSpans t_spans;

namespace {

// The threads whose counts are summed up, and the sums of those that have exited.
constinit std::mutex g_threads_mutex;
constinit ThreadSpans* g_threads = nullptr;
constinit SpanCounts g_exited;

void AddTo(SpanCounts& sum, const ThreadSpans& thread) noexcept {
  sum.sampled += thread.sampled.load(std::memory_order_relaxed);
  sum.record_only += thread.record_only.load(std::memory_order_relaxed);
  sum.dropped += thread.dropped.load(std::memory_order_relaxed);
  sum.ended += thread.ended.load(std::memory_order_relaxed);
}

// Frees a thread's states when it exits; those of spans that still run are left to their End().
struct ThreadExit {
  ~ThreadExit() {
    t_spans.exiting = true;
    while (SpanState* state = t_spans.spare) {
      t_spans.spare = state->below;
      delete state;
    }
    while (SpanState* state = t_spans.innermost) {
      t_spans.innermost = state->below;
      if (state->life.exchange(SpanState::Life::kOrphaned, std::memory_order_acq_rel) == SpanState::Life::kEnded) {
        delete state;
      }
    }
    const std::lock_guard lock(g_threads_mutex);
    AddTo(g_exited, t_spans);
    for (ThreadSpans** link = &g_threads; *link != nullptr; link = &(*link)->next) {
      if (*link != &t_spans) continue;
      *link = t_spans.next;
      break;
    }
  }
};

// The child's one thread is the one that forked: the others' counts are over, and one of them may hold the mutex.
void ForgetThreadsAfterFork() {
  std::construct_at(&g_threads_mutex);
  g_threads = t_spans.known ? &t_spans : nullptr;
  t_spans.next = nullptr;
  g_exited = {};
}

// REQUIRES: called on the state's own thread.
void TakeOffList(ThreadSpans& thread, SpanState* state) noexcept {
  SpanState** link = &thread.innermost;
  while (*link != state) link = &(*link)->below;
  *link = state->below;
}

}  // namespace

void KnowThread(ThreadSpans& thread) noexcept {
  if (thread.exiting) return;
  static thread_local ThreadExit at_exit;
  (void)at_exit;
  static const int registered = pthread_atfork(nullptr, nullptr, &ForgetThreadsAfterFork);
  (void)registered;  // fails only without memory; then a child's counts include its parent's
  const std::lock_guard lock(g_threads_mutex);
  thread.next = g_threads;
  g_threads = &thread;
  thread.known = true;
}

SpanState* NewState(ThreadSpans& thread) {
  if (!thread.known) KnowThread(thread);
  return new SpanState;
}

void RecycleOrDelete(ThreadSpans& thread, SpanState* state) noexcept {
  state->Forget();
  if (thread.exiting || thread.spare_count == kSpareStatesMax || state->bytes.capacity() > kSpareBytesMax) {
    delete state;
  } else {
    Recycle(thread, state);
  }
}

SpanState* InnermostRunning(ThreadSpans& thread) noexcept {
  while (thread.innermost != nullptr &&
         thread.innermost->life.load(std::memory_order_acquire) == SpanState::Life::kEnded) {
    SpanState* ended = thread.innermost;
    thread.innermost = ended->below;
    Recycle(thread, ended);
  }
  return thread.innermost;
}

void ReleaseOther(ThreadSpans& thread, SpanState* state) noexcept {
  if (state->home == &thread && state->life.load(std::memory_order_relaxed) == SpanState::Life::kRunning) {
    TakeOffList(thread, state);
    Recycle(thread, state);
  } else if (state->life.exchange(SpanState::Life::kEnded, std::memory_order_acq_rel) == SpanState::Life::kOrphaned) {
    delete state;
  }
}

SpanCounts SumSpanCounts() noexcept {
  const std::lock_guard lock(g_threads_mutex);
  SpanCounts sum = g_exited;
  for (const ThreadSpans* thread = g_threads; thread != nullptr; thread = thread->next) AddTo(sum, *thread);
  return sum;
}

}  // namespace sdk

Context Context::Current() noexcept {
  const sdk::SpanState* innermost = sdk::Innermost(sdk::t_spans);
  return innermost == nullptr ? Context() : innermost->context;
}

SpanContext CurrentContext() noexcept {
  const sdk::SpanState* innermost = sdk::Innermost(sdk::t_spans);
  return innermost == nullptr ? SpanContext{} : innermost->context.span();
}

Scope::Scope(const Context& context) noexcept : context_(context) { Attach(); }
Scope::Scope(const SpanContext& span) noexcept : context_(Context::Current().WithSpan(span)) { Attach(); }

void Scope::Attach() noexcept try {
  if (state_ != nullptr) return;
  sdk::ThreadSpans& thread = sdk::t_spans;
  state_ = sdk::TakeState(thread);
  state_->recording = false;
  state_->lent = false;
  state_->context = context_;
  sdk::Activate(thread, state_);
} catch (...) {
  // No memory: what starts here belongs to the context that was current before.
}

void Scope::Detach() noexcept {
  if (state_ != nullptr) sdk::Release(std::exchange(state_, nullptr));
}

}  // namespace nightjar
