#include <ctime>
#include <protozero/pbf_writer.hpp>
#include <thread>

#include "backoff.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

using sdk_test::ReceivedRequest;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ExporterTest : public sdk_test::TracingTest {
 protected:
  static void EndSpans(int count) {
    for (int i = 0; i < count; ++i) tracer().StartActiveSpan("span " + std::to_string(i)).End();
  }
  // Two spans, sent so many times.
  static void ExpectTheSameSpans(const std::vector<ReceivedRequest>& requests, std::size_t count) {
    ASSERT_EQ(requests.size(), count);
    for (const ReceivedRequest& request : requests) {
      ASSERT_EQ(request.spans.size(), 2U);
      EXPECT_EQ(request.spans[0].span_id, requests[0].spans[0].span_id);
      EXPECT_EQ(request.spans[1].span_id, requests[0].spans[1].span_id);
    }
  }
};

TEST_F(ExporterTest, TheRequest) {
  SetVariable("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc");
  SetVariable("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test");
  Start();
  EndSpans(1);
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  const ReceivedRequest request = sink_.WaitForRequests(1).front();
  EXPECT_EQ(request.target, "/v1/traces");
  EXPECT_EQ(request.headers.at("content-type"), "application/x-protobuf");
  EXPECT_EQ(request.headers.at("authorization"), "Bearer abc");
  EXPECT_EQ(request.headers.at("user-agent"), "OTel-OTLP-Exporter-Cpp/0.1.0 (nightjar)");
  EXPECT_FALSE(request.headers.contains("expect"));
  EXPECT_EQ(request.scope, "sdk-test");
  const sdk_test::Values expected = {{"service.name", std::string("sdk-test")},
                                     {"deployment.environment", std::string("test")},
                                     {"os.type", std::string("linux")},
                                     {"process.executable.name", std::string("sdk_test")},
                                     {"telemetry.sdk.language", std::string("cpp")},
                                     {"telemetry.sdk.name", std::string("nightjar")},
                                     {"telemetry.sdk.version", std::string("0.1.0")}};
  for (const auto& [key, value] : expected) EXPECT_EQ(request.resource.at(key), value) << key;
  EXPECT_TRUE(request.resource.contains("host.name"));
  EXPECT_TRUE(request.resource.contains("host.arch"));
}

TEST_F(ExporterTest, TheScope) {
  Start();
  Tracer library = tracer_provider()->tracer({.name = "library",
                                              .version = "1.2",
                                              .schema_url = "https://opentelemetry.io/schemas/1.38.0",
                                              .attributes = {{"team", {std::string("search")}}}});
  library.StartSpan("work").End();
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  const ReceivedRequest request = sink_.WaitForRequests(1).front();
  EXPECT_EQ(request.scope, "library");
  EXPECT_EQ(request.scope_version, "1.2");
  EXPECT_EQ(request.schema_url, "https://opentelemetry.io/schemas/1.38.0");
  EXPECT_EQ(request.scope_attributes, (sdk_test::Values{{"team", std::string("search")}}));
}

TEST_F(ExporterTest, FullBatchesLeaveAtOnceTheRestWhenFlushed) {
  SetVariable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4");
  SetVariable("OTEL_BSP_SCHEDULE_DELAY", "3600000");
  Start();
  EndSpans(10);
  EXPECT_EQ(sink_.WaitForRequests(2)[1].spans.size(), 4U);
  EXPECT_EQ(ForceFlush(), FlushStatus::kFlushed);
  const std::vector<ReceivedRequest> requests = sink_.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0].spans.size(), 4U);
  EXPECT_EQ(requests[2].spans.size(), 2U);
  EXPECT_EQ(requests[2].spans[1].name, "span 9");  // in the order they ended
}

TEST_F(ExporterTest, APartOfABatchLeavesAfterTheScheduleDelay) {
  SetVariable("OTEL_BSP_SCHEDULE_DELAY", "1");
  Start();
  EndSpans(1);
  EXPECT_EQ(sink_.WaitForRequests(1)[0].spans.size(), 1U);
}

TEST_F(ExporterTest, ADelayOfZeroDoesNotKeepACoreBusy) {
  SetVariable("OTEL_BSP_SCHEDULE_DELAY", "0");
  Start();
  EndSpans(1);
  sink_.WaitForRequests(1);
  const std::clock_t before = std::clock();  // of all threads
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 10);
}

TEST_F(ExporterTest, LargeSpansMakeSmallBatches) {
  Start();
  for (int i = 0; i < 3; ++i) {
    tracer().StartActiveSpan("large").SetAttribute("text", std::string(5 << 20, 'x'));
  }
  EXPECT_EQ(ForceFlush(), FlushStatus::kFlushed);
  const std::vector<ReceivedRequest> requests = sink_.requests();  // closed once they hold 8 MiB
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].spans.size(), 2U);
  EXPECT_EQ(std::get<std::string>(requests[1].spans[0].attributes.at("text")).size(), 5U << 20);
}

TEST_F(ExporterTest, WhatThequeueCannotHoldIsDroppedAndCounted) {
  SetVariable("OTEL_BSP_MAX_QUEUE_SIZE", "3");
  SetVariable("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "3");
  sink_.Hold(true);
  Start();
  EndSpans(3);
  sink_.WaitForRequests(1);  // these are on their way; the queue is empty
  EndSpans(5);
  const TracingStats full = tracing_stats();
  EXPECT_EQ(full.dropped, 2U);
  EXPECT_EQ(full.queued, 6U);
  sink_.Hold(false);
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
  const TracingStats stats = tracing_stats();
  EXPECT_EQ(stats.exported, 6U);
  EXPECT_EQ(stats.dropped, 2U);
  EXPECT_EQ(stats.failed, 0U);
  EXPECT_EQ(stats.queued, 0U);
}

TEST_F(ExporterTest, RetriesWhatTheCollectorCannotTakeNow) {
  sink_.AnswerWith({{.status = "503 Service Unavailable", .headers = "Retry-After: 1\r\n", .body = {}},
                    {.status = "429 Too Many Requests", .headers = "Retry-After: 0\r\n", .body = {}},
                    {.status = "502 Bad Gateway", .headers = "Retry-After: 1\r\n", .body = {}},
                    {.status = "504 Gateway Timeout", .headers = "Retry-After: 1\r\n", .body = {}}});
  Start();
  EndSpans(2);
  EXPECT_EQ(ShutdownTracing(seconds(60)), FlushStatus::kFlushed);
  ExpectTheSameSpans(sink_.requests(), 5);
  EXPECT_EQ(tracing_stats().exported, 2U);
}

TEST_F(ExporterTest, RetriesWhenTheConnectionBreaks) {
  for (const bool reset : {false, true}) {
    const std::size_t before = sink_.requests().size();
    reset ? sink_.Reset(2) : sink_.HangUp(2);
    Start();
    EndSpans(2);
    EXPECT_EQ(ShutdownTracing(seconds(60)), FlushStatus::kFlushed);
    std::vector<ReceivedRequest> requests = sink_.requests();
    requests.erase(requests.begin(), requests.begin() + static_cast<std::ptrdiff_t>(before));
    ExpectTheSameSpans(requests, 3);
    EXPECT_EQ(tracing_stats().exported, 2U);
  }
}

TEST_F(ExporterTest, HonoursRetryAfter) {
  // The batch's time ends before the collector wants to be asked again: no second request.
  SetVariable("OTEL_BSP_EXPORT_TIMEOUT", "5000");
  sink_.AnswerWith({{.status = "503 Service Unavailable", .headers = "Retry-After: 6\r\n", .body = {}}});
  Start();
  EndSpans(1);
  EXPECT_EQ(ForceFlush(), FlushStatus::kFailed);
  EXPECT_EQ(sink_.requests().size(), 1U);
  EXPECT_EQ(tracing_stats().failed, 1U);
  EXPECT_EQ(tracing_stats().last_error, sink_.url() + "/v1/traces: HTTP 503");
}

TEST_F(ExporterTest, RetryAfterMayBeADate) {
  sink_.AnswerWith(
      {{.status = "429 Too Many Requests", .headers = "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", .body = {}}});
  Start();
  EndSpans(1);
  EXPECT_EQ(ForceFlush(), FlushStatus::kFailed);  // given up at once: later than the batch has time
  EXPECT_EQ(sink_.requests().size(), 1U);
}

TEST(Backoff, DoublesUpToTenSecondsAndIsSpread) {
  using sdk::Backoff;
  EXPECT_EQ(Backoff(0, 0), milliseconds(250));
  EXPECT_EQ(Backoff(0, 499), milliseconds(749));
  EXPECT_EQ(Backoff(0, 500), milliseconds(250));
  EXPECT_EQ(Backoff(1, 0), milliseconds(500));
  EXPECT_EQ(Backoff(2, 0), milliseconds(1'000));
  EXPECT_EQ(Backoff(4, 0), milliseconds(4'000));
  EXPECT_EQ(Backoff(5, 0), milliseconds(5'000));
  EXPECT_EQ(Backoff(1'000, 9'999), milliseconds(14'999));
}

TEST_F(ExporterTest, SendsNothingOnceCancelled) {
  std::unique_ptr<SpanExporter> exporter = OtlpHttpExporter({.endpoint = sink_.url()});
  exporter->Cancel();
  TracerProvider& provider = TracerProvider::Create({.processors = {SimpleSpanProcessor(std::move(exporter))}});
  provider.tracer().StartSpan("work").End();
  EXPECT_EQ(provider.ForceFlush(), FlushStatus::kFailed);
  EXPECT_TRUE(sink_.requests().empty());
}

TEST_F(ExporterTest, DoesNotRetryWhatTheCollectorRefuses) {
  for (const char* status :
       {"400 Bad Request", "401 Unauthorized", "413 Content Too Large", "500 Internal Server Error"}) {
    sink_.AnswerWith({{.status = status, .headers = {}, .body = {}}});
    const std::size_t before = sink_.requests().size();
    Start();
    EndSpans(1);
    EXPECT_EQ(ShutdownTracing(), FlushStatus::kFailed) << status;
    EXPECT_EQ(sink_.requests().size(), before + 1) << status;
  }
}

TEST_F(ExporterTest, GivesUpWhenNobodyListens) {
  SetVariable("OTEL_BSP_EXPORT_TIMEOUT", "100");
  ASSERT_EQ(InitTracing({.service_name = "sdk-test", .endpoint = "http://127.0.0.1:9"}), InitStatus::kStarted);
  EndSpans(1);
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFailed);
  EXPECT_EQ(tracing_stats().failed, 1U);
  EXPECT_EQ(tracing_stats().last_error, "http://127.0.0.1:9/v1/traces: Couldn't connect to server");
}

TEST_F(ExporterTest, TheQueueHolds64Mebibytes) {
  sink_.Hold(true);
  Start();
  EndSpans(1);
  EXPECT_EQ(ForceFlush(milliseconds(1)), FlushStatus::kTimedOut);
  sink_.WaitForRequests(1);  // it is on its way; the queue is empty
  const std::string mebibyte(1 << 20, 'x');
  for (int i = 0; i < 70; ++i) tracer().StartSpan("large").SetAttribute("text", mebibyte);
  const TracingStats stats = tracing_stats();  // with its name and ids a span is a little more than a mebibyte
  EXPECT_EQ(stats.queued, 63U + 1U);
  EXPECT_EQ(stats.dropped, 7U);
  EXPECT_EQ(ShutdownTracing(milliseconds(1)), FlushStatus::kTimedOut);
  EXPECT_EQ(tracing_stats().failed, 64U);
}

TEST_F(ExporterTest, ARequestOverItsLimitIsNotSent) {
  TracerProvider& provider =
      TracerProvider::Create({.processors = {BatchSpanProcessor([this] {
                                return OtlpHttpExporter({.endpoint = sink_.url(), .request_bytes_max = 100});
                              })}});
  provider.tracer().StartSpan("work").SetAttribute("text", std::string(100, 'x'));
  EXPECT_EQ(provider.ForceFlush(), FlushStatus::kFailed);
  provider.Shutdown();
  EXPECT_TRUE(sink_.requests().empty());
}

// ExportTraceServiceResponse.partial_success = {rejected_spans, error_message}
std::string PartialSuccess(std::int64_t rejected, const std::string& message) {
  std::string body;
  protozero::pbf_writer response(body);
  protozero::pbf_writer fields(response, 1);
  fields.add_int64(1, rejected);
  if (!message.empty()) fields.add_string(2, message);
  return body;
}

TEST_F(ExporterTest, CountsSpansThatWereRejected) {
  struct Case {
    std::string body;
    std::uint64_t failed;
    std::string error;
  };
  const std::string url = sink_.url() + "/v1/traces";
  for (const Case& c : std::vector<Case>{{PartialSuccess(2, "span id is zero"), 2, "span id is zero"},
                                         {PartialSuccess(2, ""), 2, url + ": rejected spans"},
                                         {PartialSuccess(0, "disk nearly full"), 0, "disk nearly full"},  // a warning
                                         {PartialSuccess(99, "more than there are"), 3, "more than there are"},
                                         {PartialSuccess(-1, ""), 0, ""},
                                         {"<html>", 0, ""},
                                         {"", 0, ""}}) {
    sink_.AnswerWith({{.status = "200 OK", .headers = "Content-Type: application/x-protobuf\r\n", .body = c.body}});
    Start();
    EndSpans(3);
    EXPECT_EQ(ShutdownTracing(), c.failed > 0 ? FlushStatus::kFailed : FlushStatus::kFlushed) << c.error;
    const TracingStats stats = tracing_stats();
    EXPECT_EQ(stats.exported, 3 - c.failed) << c.error;
    EXPECT_EQ(stats.failed, c.failed) << c.error;
    EXPECT_EQ(stats.last_error, c.error);
  }
}

TEST_F(ExporterTest, ReadsAtMostFourMebibytesOfAnAnswer) {
  sink_.AnswerWith({{.status = "200 OK", .headers = {}, .body = std::string((4 << 20) + 1, 'x')}});
  Start();
  EndSpans(1);
  EXPECT_EQ(ShutdownTracing(), FlushStatus::kFailed);
  EXPECT_EQ(tracing_stats().last_error, sink_.url() + "/v1/traces: the answer is larger than 4194304 bytes");
}

TEST_F(ExporterTest, ShutdownGivesUpInTime) {
  sink_.Hold(true);
  Start();
  EndSpans(1);
  EXPECT_EQ(ForceFlush(milliseconds(1)), FlushStatus::kTimedOut);
  EXPECT_EQ(ShutdownTracing(milliseconds(1)), FlushStatus::kTimedOut);
  EXPECT_EQ(tracing_stats().failed, 1U);
  EXPECT_EQ(tracing_stats().queued, 0U);
}

TEST_F(ExporterTest, ShutdownDoesNotWaitForARetry) {
  sink_.AnswerWith({{.status = "503 Service Unavailable", .headers = "Retry-After: 3600\r\n", .body = {}}});
  SetVariable("OTEL_BSP_EXPORT_TIMEOUT", "7200000");
  Start();
  EndSpans(1);
  EXPECT_EQ(ForceFlush(milliseconds(1)), FlushStatus::kTimedOut);
  sink_.WaitForRequests(1);
  EXPECT_EQ(ShutdownTracing(milliseconds(1)), FlushStatus::kTimedOut);
}

}  // namespace
}  // namespace nightjar
