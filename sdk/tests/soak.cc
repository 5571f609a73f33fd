// Makes as many spans as its argument says, numbered, on eight threads, no faster than they leave. Prints what became
// of them, and the most memory that was used.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "nightjar/tracing.h"

namespace {

constexpr std::int64_t kThreads = 8;
constexpr std::int64_t kSpansBetweenLooks = 100;  // of each thread: together less than half the queue

void MakeSpans(std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) {
    nightjar::Span span = nightjar::tracer().StartSpan("work");
    span.SetAttribute("i", i);
    span.SetAttribute("url.path", "/v1/chat/completions");
    span.End();
    if (i % kSpansBetweenLooks != 0) continue;
    for (auto stats = nightjar::tracing_stats(); stats.queued > stats.queue_capacity / 2;
         stats = nightjar::tracing_stats()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

// getrusage tells of the program before exec too, which is the one that started this.
long PeakKib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t spans = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  nightjar::InitTracing({.service_name = "soak"});
  std::vector<std::thread> threads;
  for (std::int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back(MakeSpans, spans * t / kThreads, spans * (t + 1) / kThreads);
  }
  for (std::thread& thread : threads) thread.join();
  nightjar::ShutdownTracing(std::chrono::seconds(60));
  const nightjar::TracingStats stats = nightjar::tracing_stats();
  std::printf(R"({"exported": %llu, "dropped": %llu, "failed": %llu, "queued": %llu, "peak_kib": %ld})"
              "\n",
              static_cast<unsigned long long>(stats.exported), static_cast<unsigned long long>(stats.dropped),
              static_cast<unsigned long long>(stats.failed), static_cast<unsigned long long>(stats.queued), PeakKib());
  return 0;
}
