// The same measurements as the programs in peers/, with this SDK: spans really leave, to the sink at $ENDPOINT. Prints
// {"name": nanoseconds, …}; also what eight threads at once cost, allocations, and the exporter's share of a core.
#include <sys/resource.h>
#include <time.h>

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
void Measure(const char* name, int threads, MakeSpan make_span) {
  double nanoseconds = 0;
  std::size_t allocations = 0;
  for (int round = 0; round < kRounds + kWarmUpRounds; ++round) {
    const Clock::time_point begin = Clock::now();
    std::vector<std::thread> others;
    const std::size_t before = t_allocations;
    const auto work = [&] {
      for (int i = 0; i < kSpansPerRound / threads; ++i) make_span();
    };
    for (int t = 1; t < threads; ++t) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (round >= kWarmUpRounds) {
      nanoseconds += std::chrono::duration<double, std::nano>(Clock::now() - begin).count();
      allocations += t_allocations - before;
    }
    (void)nightjar::ForceFlush();
  }
  std::printf("\"%s\": %.1f, ", name, nanoseconds / kRounds / kSpansPerRound);
  if (threads == 1)
    std::printf("\"allocations per span, %s\": %.4f, ", name, double(allocations) / kRounds / kSpansPerRound);
}

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// The whole process's share of a core at a steady rate, making the spans included.
void MeasureRate(int spans_per_second) {
  constexpr int kSeconds = 5;
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
  Measure("start+end", 1, StartEnd);
  Measure("5 attributes", 1, FiveAttributes);
  Measure("8 threads, wall time", 8, StartEnd);
  MeasureRate(10'000);
  MeasureRate(20'000);
  nightjar::ShutdownTracing();
  const nightjar::TracingStats stats = nightjar::tracing_stats();
  nightjar::InitTracing({.endpoint = options.endpoint, .sampler = nightjar::AlwaysOffSampler()});
  Measure("unsampled", 1, StartEnd);
  std::printf("\"dropped\": %llu, \"failed\": %llu}\n", static_cast<unsigned long long>(stats.dropped),
              static_cast<unsigned long long>(stats.failed));
  return 0;
}
