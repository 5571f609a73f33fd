#include "nightjar/tracing.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <thread>

#include "nightjar/propagation.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

class InitTest : public sdk_test::TracingTest {};

TEST_F(InitTest, TheSecondCallIsIgnored) {
  Start();
  EXPECT_EQ(InitTracing({.service_name = "other", .endpoint = "http://127.0.0.1:9"}), InitStatus::kAlreadyRunning);
  EXPECT_EQ(tracing_endpoint(), sink_.url() + "/v1/traces");
  tracer().StartActiveSpan("work").End();
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  EXPECT_EQ(sink_.WaitForRequests(1)[0].scope, "sdk-test");
}

// In a process of its own: this one has started tracing, most likely. What it prints is compared, too.
TEST_F(InitTest, BeforeTheFirstStartNothingHappens) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto all_quiet = [] {
    Tracer none;
    Span span = none.StartActiveSpan("work", {.attributes = {{"key", 1}}});
    span.SetAttribute("key", "value");
    span.AddEvent("event");
    span.RecordException(std::runtime_error("boom"));
    span.SetStatus(SpanStatus::kError, "boom");
    HeaderCarrier headers;
    propagator().Inject(Context::Current(), headers);
    const TracingStats stats = tracing_stats();
    return !none.enabled() && !span.recording() && !span.context().valid() && !CurrentContext().valid() &&
           headers.headers().empty() && tracer_provider() == nullptr && tracing_endpoint().empty() &&
           ForceFlush() == FlushStatus::kFlushed && ShutdownTracing() == FlushStatus::kFlushed && stats.live == 0 &&
           stats.started_sampled == 0 && stats.last_error.empty();
  };
  EXPECT_EXIT(_exit(all_quiet() ? 0 : 1), testing::ExitedWithCode(0), "^$");
}

TEST_F(InitTest, SpansGoToTheConsoleToo) {
  testing::internal::CaptureStdout();
  const InitStatus started = InitTracing({.endpoint = sink_.url(), .console = true});
  tracer().StartSpan("to be seen").SetAttribute("key", "value");
  const FlushStatus stopped = ShutdownTracing();
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_EQ(started, InitStatus::kStarted);
  EXPECT_EQ(stopped, FlushStatus::kFlushed);
  EXPECT_NE(text.find(" to be seen "), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n    key = value\n")) << text;
  EXPECT_EQ(Received("to be seen").attributes.size(), 1U);
}

TEST_F(InitTest, ABadEndpointLeavesTracingOff) {
  EXPECT_EQ(InitTracing({.service_name = "x", .endpoint = "localhost:6006"}), InitStatus::kInvalidEndpoint);
  EXPECT_EQ(tracing_stats().last_error, "not an http:// or https:// URL: localhost:6006/v1/traces");
  EXPECT_EQ(tracing_endpoint(), "");
  Span span = tracer().StartActiveSpan("work");
  span.SetAttribute("key", "value");
  span.SetStatus(SpanStatus::kError, "x");
  EXPECT_FALSE(span.recording());
  EXPECT_FALSE(span.context().valid());
}

TEST_F(InitTest, NothingIsSentAfterShutdown) {
  Start();
  Span late = tracer().StartActiveSpan("late");
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  late.End();
  tracer().StartActiveSpan("too late").End();
  EXPECT_EQ(ForceFlush(), FlushStatus::kFlushed);
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  EXPECT_TRUE(sink_.requests().empty());
  EXPECT_EQ(tracing_stats().dropped, 1U);
}

TEST_F(InitTest, StartsAgainAfterShutdown) {
  Start();
  tracer().StartActiveSpan("first").End();
  ShutdownTracing();
  Start();
  tracer().StartActiveSpan("second").End();
  ShutdownTracing();
  EXPECT_EQ(Received("second").parent_span_id, "");
  EXPECT_EQ(tracing_stats().exported, 1U);  // counted since the latest start
}

TEST_F(InitTest, TheWarningOfTheEnvironmentIsKept) {
  SetVariable("OTEL_BSP_SCHEDULE_DELAY", "soon");
  Start();
  EXPECT_EQ(tracing_stats().last_error, "ignored OTEL_BSP_SCHEDULE_DELAY: soon");
}

TEST_F(InitTest, ManyThreads) {
  Start();
  constexpr int kThreads = 4;
  constexpr int kSpans = 400;  // together less than the queue holds
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < kSpans / 2; ++i) {
        Span outer = tracer().StartActiveSpan("outer");
        outer.SetAttribute("i", i);
        const Span inner = tracer().StartActiveSpan("inner");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  std::set<std::string> ids;
  for (const auto& span : sink_.spans()) ids.insert(span.span_id);
  EXPECT_EQ(ids.size(), 1600U);
  EXPECT_EQ(tracing_stats().exported, 1600U);
}

// What a child process does, by its exit code: its own spans arrive once, the parent's are not sent twice, ids differ.
int ForkedChild(const std::string& parent_next_id_twin) {
  Span span = tracer().StartActiveSpan("child of fork");
  if (span.context().trace_id_hex() == parent_next_id_twin) return 1;
  span.End();
  return ShutdownTracing() == FlushStatus::kFlushed ? 0 : 2;
}

TEST_F(InitTest, Fork) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer does not know a child's threads from its parent's";
#endif
  SetVariable("OTEL_BSP_SCHEDULE_DELAY", "3600000");
  Start();
  tracer().StartActiveSpan("before fork").End();  // queued: the parent's
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::string twin(32, '\0');
    if (read(pipe_ends[0], twin.data(), twin.size()) != 32) _exit(3);
    _exit(ForkedChild(twin));
  }
  Span after = tracer().StartActiveSpan("after fork");
  const std::string id = after.context().trace_id_hex();
  ASSERT_EQ(write(pipe_ends[1], id.data(), id.size()), 32);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  after.End();
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  Received("before fork");
  Received("after fork");
  Received("child of fork");
}

TEST_F(InitTest, ForkWhileOtherThreadsEndSpans) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer's own locks, of its allocator, are not held across a fork";
#endif
  Start();
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop.load()) tracer().StartActiveSpan("in the parent").AddEvent("event");
    });
  }
  for (int round = 0; round < 20; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      tracer().StartActiveSpan("in a child").End();
      const bool delivered = ShutdownTracing() == FlushStatus::kFlushed;
      _exit(delivered && tracing_stats().exported == 1 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << round;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(ShutdownTracing(), FlushStatus::kTimedOut);
}

TEST_F(InitTest, ExitFlushes) {
  SetVariable("PHOENIX_COLLECTOR_ENDPOINT", sink_.url());
  EXPECT_EQ(std::system(EXIT_WITHOUT_SHUTDOWN), 0);
  Received("before exit");
}

// It waits for five seconds at most. The exporter's own limits are ten seconds a request, thirty a batch.
TEST_F(InitTest, ExitDoesNotWaitForACollectorThatNeverAnswers) {
  SetVariable("PHOENIX_COLLECTOR_ENDPOINT", sink_.url());
  sink_.Hold(true);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(std::system(EXIT_WITHOUT_SHUTDOWN), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
}

TEST_F(InitTest, StatsCountEverySpan) {
  sink_.Hold(true);
  Start();
  Span live = tracer().StartSpan("live");
  tracer().StartSpan("ended").End();
  EXPECT_EQ(ForceFlush(std::chrono::milliseconds(1)), FlushStatus::kTimedOut);
  sink_.WaitForRequests(1);
  TracingStats stats = tracing_stats();
  EXPECT_EQ(stats.started_sampled, 2U);
  EXPECT_EQ(stats.started_record_only, 0U);
  EXPECT_EQ(stats.started_dropped, 0U);
  EXPECT_EQ(stats.live, 1U);
  EXPECT_EQ(stats.queue_capacity, 2'048U);
  EXPECT_EQ(stats.inflight, 1U);
  EXPECT_EQ(stats.exports, 0U);
  sink_.Hold(false);
  live.End();
  EXPECT_EQ(ShutdownTracing(std::chrono::seconds(60)), FlushStatus::kFlushed);
  stats = tracing_stats();
  EXPECT_EQ(stats.live, 0U);
  EXPECT_EQ(stats.inflight, 0U);
  EXPECT_EQ(stats.exports, 2U);
  EXPECT_EQ(stats.exported, 2U);
  EXPECT_GT(stats.export_time.count(), 0);

  ASSERT_EQ(InitTracing({.endpoint = sink_.url(), .sampler = AlwaysRecordSampler(AlwaysOffSampler())}),
            InitStatus::kStarted);
  tracer().StartSpan("recorded only").End();
  ShutdownTracing();
  EXPECT_EQ(tracing_stats().started_record_only, 1U);
  ASSERT_EQ(InitTracing({.endpoint = sink_.url(), .sampler = AlwaysOffSampler()}), InitStatus::kStarted);
  tracer().StartSpan("dropped").End();
  ShutdownTracing();
  EXPECT_EQ(tracing_stats().started_dropped, 1U);
  EXPECT_EQ(tracing_stats().started_sampled, 0U);
}

// The specification: what switches the SDK off leaves the propagators alone.
TEST_F(InitTest, PropagatorsWorkWhileTracingIsOff) {
  SetVariable("OTEL_SDK_DISABLED", "true");
  SetVariable("OTEL_PROPAGATORS", "b3");
  EXPECT_EQ(InitTracing(), InitStatus::kDisabled);
  EXPECT_EQ(propagator().fields(), (std::vector<std::string>{"b3"}));
  SetVariable("OTEL_PROPAGATORS", "baggage");
  SetVariable("OTEL_SDK_DISABLED", "");
  EXPECT_EQ(InitTracing({.endpoint = "localhost:6006"}), InitStatus::kInvalidEndpoint);
  EXPECT_EQ(propagator().fields(), (std::vector<std::string>{"baggage"}));
}

TEST_F(InitTest, StaticsEndSpansAfterMain) {
  SetVariable("PHOENIX_COLLECTOR_ENDPOINT", sink_.url());
  EXPECT_EQ(std::system(STATIC_DESTRUCTION), 0);
  Received("in main");
  Received("destroyed before the exit handler");
  Received("held before the exit handler");
  for (const auto& span : sink_.spans()) EXPECT_EQ(span.name.find("after the exit handler"), std::string::npos);
}

TEST_F(InitTest, StaticsEndSpansAfterShutdown) {
  SetVariable("PHOENIX_COLLECTOR_ENDPOINT", sink_.url());
  EXPECT_EQ(std::system(STATIC_DESTRUCTION " shutdown"), 0);
  Received("in main");
  for (const auto& span : sink_.spans()) EXPECT_EQ(span.name.find("exit handler"), std::string::npos);
}

}  // namespace
}  // namespace nightjar
