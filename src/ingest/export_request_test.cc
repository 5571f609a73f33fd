#include "ingest/export_request.h"

#include <gtest/gtest.h>

#include <string>

namespace nightjar::ingest {
namespace {

using namespace std::string_literals;

const pricing::PriceBook& Prices() {
  static const pricing::PriceBook book(pricing::EmbeddedPackage(), {}, 7);
  return book;
}

constexpr std::string_view kOneSpan =
    R"({"resourceSpans":[{"resource":{"attributes":[{"key":"openinference.project.name","value":{"stringValue":"shop"}}]},)"
    R"("scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"a"}]}]}]})";

// By the format: version 1, JSON, time 258, a project of 2 bytes, the body.
TEST(Payload, BytesAreAsTheFormatSays) {
  const std::string payload =
      EncodePayload({.received_unix_ns = 258, .encoding = otlp::Encoding::kJson, .project = "ab", .body = "{}"});
  EXPECT_EQ(payload, "\x01\x01\x02\x01\0\0\0\0\0\0\x02\0\0\0\0\0\0\0ab{}"s);
  const auto request = DecodePayload(payload);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->received_unix_ns, 258u);
  EXPECT_EQ(request->encoding, otlp::Encoding::kJson);
  EXPECT_EQ(request->project, "ab");
  EXPECT_EQ(request->body, "{}");
}

TEST(Payload, ForeignBytesAreDataLoss) {
  EXPECT_EQ(DecodePayload("").error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(DecodePayload("\x02"s + std::string(30, '\0')).error().code, ErrorCode::kDataLoss);
  EXPECT_EQ(DecodePayload("\x01\0"s + std::string(8, '\0') + "\x09" + std::string(7, '\0') + "short").error().code,
            ErrorCode::kDataLoss);
}

TEST(DecodeRequest, ProjectOfTheSenderThenOfTheResourceThenDefault) {
  const auto project_of = [](std::string_view chosen, std::string_view body) {
    const auto decoded = DecodeRequest({.encoding = otlp::Encoding::kJson, .project = chosen, .body = body});
    return decoded ? std::get<model::SpanBatch>(decoded->telemetry).spans.at(0).project : decoded.error().message;
  };
  EXPECT_EQ(project_of("chosen", kOneSpan), "chosen");
  EXPECT_EQ(project_of("", kOneSpan), "shop");
  EXPECT_EQ(project_of("", R"({"resourceSpans":[{"scopeSpans":[{"spans":[)"
                           R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"}]}]}]})"),
            "default");
  EXPECT_EQ(project_of(std::string(257, 'p'), kOneSpan), "x-project-name has 257 bytes, at most 256 are allowed");
}

TEST(DecodeRequest, CountsRowsAndNamesTraces) {
  const auto decoded = DecodeRequest({.encoding = otlp::Encoding::kJson, .body = kOneSpan});
  ASSERT_TRUE(decoded);
  EXPECT_EQ(CountRows(decoded->telemetry), 1u);
  ASSERT_EQ(TracesOf(decoded->telemetry).size(), 1u);
  EXPECT_EQ(TracesOf(decoded->telemetry)[0].ToHex(), "5b8efff798038103d269b633813fc60c");
}

TEST(MakeRows, TheSamePayloadGivesTheSameRowsAgain) {
  const store::SegmentKey key;
  const std::string payload =
      EncodePayload({.received_unix_ns = 1, .encoding = otlp::Encoding::kJson, .body = kOneSpan});
  const auto rows = [&] {
    Result<Entry> entry = DecodeEntry(payload);
    EXPECT_TRUE(entry);
    return MakeRows(*std::move(entry), key, Prices());
  };
  const store::RowBatch first = rows();
  const store::RowBatch again = rows();
  EXPECT_EQ(first.spans.at(0).span.project, "shop");
  EXPECT_EQ(first.spans.at(0).span, again.spans.at(0).span);
  EXPECT_EQ(first.spans.at(0).day, again.spans.at(0).day);
  EXPECT_EQ(first.spans.at(0).segment_scope, again.spans.at(0).segment_scope);
}

// By genai-prices 0.2.3 the call costs 600 × 2.5 + 400 × 1.25 + 200 × 10 = 4000 millionths.
TEST(MakeRows, ACallIsPriced) {
  constexpr std::string_view kBody =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
      R"("spanId":"eee19b7ec3c1b174","attributes":[{"key":"gen_ai.operation.name","value":{"stringValue":"chat"}},)"
      R"({"key":"gen_ai.provider.name","value":{"stringValue":"openai"}},)"
      R"({"key":"gen_ai.request.model","value":{"stringValue":"gpt-4o"}},)"
      R"({"key":"gen_ai.usage.input_tokens","value":{"intValue":"1000"}},)"
      R"({"key":"gen_ai.usage.cache_read.input_tokens","value":{"intValue":"400"}},)"
      R"({"key":"gen_ai.usage.output_tokens","value":{"intValue":"200"}},)"
      R"({"key":"gen_ai.response.id","value":{"stringValue":"r1"}}]}]}]}]})";
  Result<Entry> entry = DecodeEntry(EncodePayload({.encoding = otlp::Encoding::kJson, .body = kBody}));
  ASSERT_TRUE(entry);
  const store::RowBatch rows = MakeRows(*std::move(entry), {}, Prices());
  const model::SpanSummary& call = rows.spans.at(0).promoted;
  ASSERT_TRUE(call.cost);
  EXPECT_DOUBLE_EQ(call.cost->total_usd, 0.004);
  EXPECT_DOUBLE_EQ(call.cost->cache_savings_usd, 0.0005);
  EXPECT_EQ(call.cost->price, "openai/gpt-4o");
  EXPECT_EQ(call.prices_version, 7U);
}

// A span that starts at 1000 s and arrives at `received_s`.
std::string NoticeOfSpanAt1000s(std::uint64_t received_s) {
  constexpr std::string_view kSpan =
      R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
      R"("spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1000000000000"}]}]}]})";
  const auto read =
      DecodeRequest({.received_unix_ns = received_s * 1'000'000'000, .encoding = otlp::Encoding::kJson, .body = kSpan});
  return read->acknowledgement.notice ? read->acknowledgement.notice->reason : "none";
}

TEST(DecodeRequest, AClockAheadIsNoticed) {
  EXPECT_EQ(NoticeOfSpanAt1000s(1000), "none");
  EXPECT_EQ(NoticeOfSpanAt1000s(400), "none");  // ten minutes
  EXPECT_EQ(NoticeOfSpanAt1000s(399), "clock 10 min ahead");
  EXPECT_EQ(NoticeOfSpanAt1000s(5000), "none");
}

TEST(DecodeRequest, ARequestOfOnlyUnknownKeysIsNoticed) {
  const auto notice_of = [](std::string_view body) {
    const auto read = DecodeRequest({.encoding = otlp::Encoding::kJson, .body = body});
    return read->acknowledgement.notice ? read->acknowledgement.notice->reason : "none";
  };
  EXPECT_EQ(notice_of(R"({"resource_spans":[]})"), "the request holds no span");
  EXPECT_EQ(notice_of("{}"), "none");
}

}  // namespace
}  // namespace nightjar::ingest
