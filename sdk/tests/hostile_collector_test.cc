// What a collector may do to the program that sends to it. The program's threads must not notice: they never wait for
// the network, memory stays bounded, and every span is accounted for.
#include <sys/resource.h>
#include <time.h>

#include <fstream>
#include <thread>

#include "tracing_fixture.h"

namespace nightjar {
namespace {

using std::chrono::milliseconds;

class HostileCollectorTest : public sdk_test::TracingTest {
 protected:
  static constexpr std::uint64_t kSpans = 20'000;

  // Makes more spans than the queue holds, while the collector does what it does.
  static void MakeSpans() {
    for (std::uint64_t i = 0; i < kSpans; ++i) {
      Span span = tracer().StartSpan("work");
      span.SetAttribute("i", static_cast<std::int64_t>(i));
    }
  }
  static void ExpectAllAccountedFor() {
    const TracingStats stats = tracing_stats();
    EXPECT_EQ(stats.exported + stats.failed + stats.dropped + stats.queued, kSpans);
    EXPECT_EQ(stats.started_sampled, kSpans);
    EXPECT_EQ(stats.live, 0U);
    EXPECT_LE(stats.queued, 2'048U + 512U);
  }
};

TEST_F(HostileCollectorTest, NeverAnswers) {
  sink_.Hold(true);
  Start();
  MakeSpans();
  ExpectAllAccountedFor();
  // The first batch hangs; of the rest the queue holds 2,048.
  EXPECT_GE(tracing_stats().dropped, kSpans - 2'048 - 512);
  EXPECT_EQ(ShutdownTracing(milliseconds(50)), FlushStatus::kTimedOut);
  const TracingStats stats = tracing_stats();
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.failed + stats.dropped, kSpans);
}

TEST_F(HostileCollectorTest, IsDown) {
  ASSERT_EQ(InitTracing({.endpoint = "http://127.0.0.1:9"}), InitStatus::kStarted);
  MakeSpans();
  ExpectAllAccountedFor();
  EXPECT_EQ(ShutdownTracing(milliseconds(50)), FlushStatus::kTimedOut);  // it is between two tries
}

TEST_F(HostileCollectorTest, RefusesEverything) {
  for (const char* status : {"500 Internal Server Error", "413 Content Too Large", "400 Bad Request"}) {
    sink_.AnswerWith(std::vector<sdk_test::OtlpSink::Answer>(50, {.status = status, .headers = {}, .body = {}}));
    Start();
    MakeSpans();
    EXPECT_NE(ShutdownTracing(), FlushStatus::kTimedOut) << status;
    const TracingStats stats = tracing_stats();
    EXPECT_EQ(stats.exported, 0U) << status;
    EXPECT_EQ(stats.failed + stats.dropped, kSpans) << status;
  }
}

TEST_F(HostileCollectorTest, HangsUpWithoutAnAnswer) {
  SetVariable("OTEL_BSP_EXPORT_TIMEOUT", "300");
  sink_.HangUp();
  Start();
  tracer().StartSpan("work").End();
  EXPECT_EQ(ForceFlush(), FlushStatus::kFailed);
  EXPECT_EQ(tracing_stats().failed, 1U);
}

TEST_F(HostileCollectorTest, AnswersAGigabyte) {
  sink_.AnswerWithoutEnd();
  Start();
  MakeSpans();
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_NE(ShutdownTracing(), FlushStatus::kTimedOut);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 << 10);  // KiB; an answer is read up to 4 MiB
  EXPECT_EQ(tracing_stats().exported, 0U);
}

TEST_F(HostileCollectorTest, WantsToBeAskedMuchLater) {
  sink_.AnswerWith({{.status = "429 Too Many Requests", .headers = "Retry-After: 3600\r\n", .body = {}}});
  Start();
  MakeSpans();
  ExpectAllAccountedFor();
  // An hour is beyond the batch's 30 seconds: given up at once, and the next batches go through.
  EXPECT_NE(ShutdownTracing(), FlushStatus::kTimedOut);
  const TracingStats stats = tracing_stats();
  EXPECT_EQ(stats.failed, 512U);
  EXPECT_EQ(stats.exported + stats.dropped + stats.failed, kSpans);
}

// The exit handler has five seconds; here the program sets a limit of its own and leaves.
TEST_F(HostileCollectorTest, ManyThreadsStartAndEndWhileTracingStops) {
  Start();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        Span outer = tracer().StartActiveSpan("outer");
        outer.SetAttribute("key", "value");
        tracer().StartActiveSpan("inner").AddEvent("event");
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    (void)ForceFlush(milliseconds(20));
    (void)ShutdownTracing(milliseconds(100));
    Start();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(ShutdownTracing(), FlushStatus::kTimedOut);
}

TEST_F(HostileCollectorTest, CompressedRequestsAreTheSame) {
  SetVariable("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
  Start();
  for (int i = 0; i < 100; ++i) tracer().StartSpan("the same name again").End();
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  const auto request = sink_.WaitForRequests(1).front();
  EXPECT_EQ(request.headers.at("content-encoding"), "gzip");
  EXPECT_EQ(request.spans.size(), 100U);
  EXPECT_LT(request.body_bytes, 5'000U);  // plain it is some 8,000
}

struct Hostility {
  const char* name;
  void (*begin)(sdk_test::OtlpSink& sink);
  bool listens = true;
};

// Every request is answered so: there are less than fifty.
void AnswerAll(sdk_test::OtlpSink& sink, const sdk_test::OtlpSink::Answer& answer) {
  sink.AnswerWith(std::vector<sdk_test::OtlpSink::Answer>(50, answer));
}

class AnyHostileCollectorTest : public HostileCollectorTest, public testing::WithParamInterface<Hostility> {
 protected:
  static std::chrono::nanoseconds ThreadCpuTime() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
  // A line of /proc/self/status, such as VmHWM, the largest amount of memory so far.
  static long StatusKib(const std::string& name) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line)) {
      if (line.starts_with(name + ":")) return std::stol(line.substr(name.size() + 1));
    }
    ADD_FAILURE() << "no " << name;
    return 0;
  }
};

// Bounds are far from what is usual (20 ms, 2 MiB), and far below what a program would see that waits for its
// collector.
TEST_P(AnyHostileCollectorTest, TheProgramDoesNotNotice) {
  using Clock = std::chrono::steady_clock;
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM begins again
  const long before_kib = StatusKib("VmRSS");
  GetParam().begin(sink_);
  ASSERT_EQ(InitTracing({.endpoint = GetParam().listens ? sink_.url() : "http://127.0.0.1:9"}), InitStatus::kStarted);

  const Clock::time_point begin = Clock::now();
  const std::chrono::nanoseconds cpu_begin = ThreadCpuTime();
  MakeSpans();
  // Forty batches: twenty seconds of a collector that takes half a second for each, for ever with one that hangs.
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(5));
  EXPECT_LT(ThreadCpuTime() - cpu_begin, std::chrono::seconds(2));
  ExpectAllAccountedFor();

  const Clock::time_point end = Clock::now();
  (void)ShutdownTracing(milliseconds(200));
  EXPECT_LT(Clock::now() - end, std::chrono::seconds(6));  // a request alone may take ten
  const TracingStats stats = tracing_stats();
  EXPECT_EQ(stats.exported + stats.failed + stats.dropped, kSpans);
  EXPECT_EQ(stats.queued, 0U);
  EXPECT_EQ(stats.live, 0U);
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)  // they keep what is freed
  EXPECT_LT(StatusKib("VmHWM") - before_kib, 64 << 10);
#endif
}

INSTANTIATE_TEST_SUITE_P(
    Every, AnyHostileCollectorTest,
    testing::Values(
        Hostility{"NeverAnswers", [](auto& sink) { sink.Hold(true); }},
        Hostility{"IsSlow", [](auto& sink) { sink.DelayAnswers(milliseconds(500)); }},
        Hostility{"HangsUp", [](auto& sink) { sink.HangUp(); }}, Hostility{"Resets", [](auto& sink) { sink.Reset(); }},
        Hostility{"HasNoEnd", [](auto& sink) { sink.AnswerWithoutEnd(); }},
        Hostility{"IsDown", [](auto& /*sink*/) {}, false},
        Hostility{
            "Fails",
            [](auto& sink) { AnswerAll(sink, {.status = "500 Internal Server Error", .headers = {}, .body = {}}); }},
        Hostility{"FindsThemTooLarge",
                  [](auto& sink) { AnswerAll(sink, {.status = "413 Content Too Large", .headers = {}, .body = {}}); }},
        // ExportTraceServiceResponse{partial_success{rejected_spans: 512}}
        Hostility{
            "RejectsSpans",
            [](auto& sink) { AnswerAll(sink, {.status = "200 OK", .headers = {}, .body = "\x0A\x03\x08\x80\x04"}); }},
        Hostility{"HasTooMuchToDo",
                  [](auto& sink) {
                    AnswerAll(sink, {.status = "429 Too Many Requests", .headers = "Retry-After: 20\r\n", .body = {}});
                  }},
        Hostility{"WantsToBeAskedLater",
                  [](auto& sink) {
                    AnswerAll(sink,
                              {.status = "503 Service Unavailable", .headers = "Retry-After: 20\r\n", .body = {}});
                  }}),
    [](const auto& hostility) { return hostility.param.name; });

}  // namespace
}  // namespace nightjar
