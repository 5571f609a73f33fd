// The same measurements as the programs in peers/, with this SDK: spans really leave, to the sink at $ENDPOINT. Prints
// {"name": figure}; nanoseconds where nothing else is said.
#include <time.h>

#include <barrier>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>

#include "nightjar/tracing.h"

namespace {

thread_local std::size_t t_allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++t_allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using nightjar::Span;
using nightjar::tracer;
using Clock = std::chrono::steady_clock;
using Nanoseconds = std::chrono::duration<double, std::nano>;

constexpr int kRounds = 200;
constexpr int kWarmUpRounds = 20;
constexpr int kSpansPerRound = 1'000;

void StartEnd() { tracer().StartSpan("work").End(); }

void FiveAttributes() {
  Span span = tracer().StartSpan("work");
  span.SetAttribute("http.request.method", "POST");
  span.SetAttribute("url.path", "/v1/chat/completions");
  span.SetAttribute("http.response.status_code", 200);
  span.SetAttribute("server.port", 6006);
  span.SetAttribute("llm.temperature", 0.7);
}

// The clock stops while the queue is flushed, so that no span is measured on the way of a full queue.
template <typename MakeSpan>
void Measure(const char* name, MakeSpan make_span) {
  Nanoseconds took{0};
  std::size_t allocations = 0;
  for (int round = 0; round < kRounds + kWarmUpRounds; ++round) {
    const std::size_t before = t_allocations;
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < kSpansPerRound; ++i) make_span();
    if (round >= kWarmUpRounds) {
      took += Clock::now() - begin;
      allocations += t_allocations - before;
    }
    (void)nightjar::ForceFlush();
  }
  std::printf("\"%s\": %.1f, \"allocations, %s\": %.4f, ", name, took.count() / kRounds / kSpansPerRound, name,
              double(allocations) / kRounds / kSpansPerRound);
}

// Wall time a span while eight threads make spans at once.
void MeasureThreads() {
  constexpr int kThreads = 8;
  constexpr int kThreadRounds = 22;
  constexpr int kThreadWarmUp = 2;
  constexpr int kSpansPerThread = 5'000;
  std::barrier<> gate(kThreads + 1);
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&gate] {
      for (int round = 0; round < kThreadRounds; ++round) {
        gate.arrive_and_wait();
        for (int i = 0; i < kSpansPerThread; ++i) StartEnd();
        gate.arrive_and_wait();
      }
    });
  }
  Nanoseconds took{0};
  for (int round = 0; round < kThreadRounds; ++round) {
    const Clock::time_point begin = Clock::now();  // the others wait already
    gate.arrive_and_wait();
    gate.arrive_and_wait();
    if (round >= kThreadWarmUp) took += Clock::now() - begin;
    (void)nightjar::ForceFlush();
  }
  std::printf("\"8 threads\": %.1f, ", took.count() / (kThreadRounds - kThreadWarmUp) / kThreads / kSpansPerThread);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The whole process's share of a core at a steady rate, making the spans included.
void MeasureRate(int spans_per_second) {
  constexpr int kSeconds = 3;
  constexpr int kTicksPerSecond = 200;
  const double before = CpuSeconds();
  Clock::time_point next = Clock::now();
  for (int tick = 0; tick < kSeconds * kTicksPerSecond; ++tick) {
    for (int i = 0; i < spans_per_second / kTicksPerSecond; ++i) FiveAttributes();
    next += std::chrono::microseconds(1'000'000 / kTicksPerSecond);
    std::this_thread::sleep_until(next);
  }
  (void)nightjar::ForceFlush();
  std::printf("\"cores at %d spans/s\": %.3f, ", spans_per_second, (CpuSeconds() - before) / kSeconds);
}

}  // namespace

int main() {
  const nightjar::TracingOptions options{.service_name = "bench", .endpoint = std::getenv("ENDPOINT")};
  nightjar::InitTracing(options);
  std::printf("{");
  Measure("start+end", StartEnd);
  Measure("5 attributes", FiveAttributes);
  MeasureThreads();
  MeasureRate(10'000);
  MeasureRate(20'000);
  nightjar::ShutdownTracing();
  const nightjar::TracingStats stats = nightjar::tracing_stats();
  nightjar::InitTracing({.endpoint = options.endpoint, .sampler = nightjar::AlwaysOffSampler()});
  Measure("unsampled", StartEnd);
  std::printf("\"spans that did not arrive\": %" PRIu64 "}\n", stats.dropped + stats.failed + stats.queued);
  return 0;
}
