#include "otlp/decode_traces.h"

#include <gtest/gtest.h>

#include <protozero/pbf_writer.hpp>

#include "otlp/limits.h"
#include "otlp/response.h"

namespace nightjar::otlp {
namespace {

using protozero::pbf_writer;

const std::string kTraceId = "0123456789abcdef";
const std::string kSpanId = "01234567";

std::string Message(auto fill) {
  std::string bytes;
  pbf_writer writer(bytes);
  fill(writer);
  return bytes;
}

std::string KeyValue(std::string_view key, const std::string& any_value) {
  return Message([&](pbf_writer& kv) {
    kv.add_string(1, key.data(), key.size());
    kv.add_message(2, any_value);
  });
}

std::string TextValue(std::string_view text) {
  return Message([&](pbf_writer& value) { value.add_string(1, text.data(), text.size()); });
}

std::string MinimalSpan(const std::string& trace_id, const std::string& span_id, const std::string& extra = "") {
  return Message([&](pbf_writer& span) {
           span.add_bytes(1, trace_id);
           span.add_bytes(2, span_id);
         }) +
         extra;
}

std::string Request(const std::vector<std::string>& spans, const std::string& resource = "") {
  const std::string scope_spans = Message([&](pbf_writer& scope) {
    for (const std::string& span : spans) scope.add_message(2, span);
  });
  const std::string resource_spans = Message([&](pbf_writer& writer) {
    writer.add_message(2, scope_spans);  // before the resource: field order is free on the wire
    if (!resource.empty()) writer.add_message(1, resource);
  });
  return Message([&](pbf_writer& request) { request.add_message(1, resource_spans); });
}

std::string Attribute(const std::string& key_value) {
  return Message([&](pbf_writer& span) { span.add_message(9, key_value); });
}

TEST(DecodeTraces, EmptyBodyIsAnEmptyRequest) {
  const auto decoded = DecodeTraces("");
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->batch.spans.empty());
}

TEST(DecodeTraces, BadIdsAreRejectedAloneAndCounted) {
  const auto decoded = DecodeTraces(Request({
      MinimalSpan(std::string(16, '\0'), kSpanId),
      MinimalSpan(kTraceId.substr(1), kSpanId),
      MinimalSpan(kTraceId, kSpanId),
      MinimalSpan(kTraceId, ""),
  }));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
  EXPECT_EQ(decoded->rejected_spans, 3u);
  EXPECT_EQ(decoded->first_reason, "trace_id is all zero");
}

TEST(DecodeTraces, OfDuplicateKeysTheLastWinsAtTheFirstPlace) {
  const auto decoded = DecodeTraces(
      Request({MinimalSpan(kTraceId, kSpanId,
                           Attribute(KeyValue("a", TextValue("1"))) + Attribute(KeyValue("b", TextValue("2"))) +
                               Attribute(KeyValue("a", TextValue("3"))))}));
  ASSERT_TRUE(decoded);
  const model::Attributes expected = {{"a", "3"}, {"b", "2"}};
  EXPECT_EQ(decoded->batch.spans.at(0).attributes, expected);
}

TEST(DecodeTraces, OfDuplicateKeysInALongListTheLastWins) {
  std::string attributes;
  for (int i = 0; i < 100; ++i)
    attributes += Attribute(KeyValue("key" + std::to_string(i % 50), TextValue(std::to_string(i))));
  const auto decoded = DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId, attributes)}));
  ASSERT_TRUE(decoded);
  const model::Attributes& kept = decoded->batch.spans.at(0).attributes;
  ASSERT_EQ(kept.size(), 50u);
  EXPECT_EQ(kept.front(), (model::Attribute{"key0", "50"}));
  EXPECT_EQ(kept.back(), (model::Attribute{"key49", "99"}));
}

TEST(DecodeTraces, ARefusedResourceRejectsItsSpans) {
  std::string resource;
  for (std::size_t i = 0; i <= kAttributesMax; ++i) resource.append("\x0a\x00", 2);
  const auto decoded =
      DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId), MinimalSpan(kTraceId, "76543210")}, resource) +
                   Request({MinimalSpan(kTraceId, kSpanId)}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->rejected_spans, 2u);
  EXPECT_EQ(decoded->first_reason, "more than 65536 attributes");
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
}

TEST(DecodeTraces, ValuesDeeperThanTheLimitRejectTheirSpanOnly) {
  const auto nested = [](int levels) {
    std::string value = TextValue("x");
    for (int i = 1; i < levels; ++i) {
      const std::string array = Message([&](pbf_writer& writer) { writer.add_message(1, value); });
      value = Message([&](pbf_writer& writer) { writer.add_message(5, array); });
    }
    return Attribute(KeyValue("k", value));
  };
  const auto decoded = DecodeTraces(
      Request({MinimalSpan(kTraceId, kSpanId, nested(64)), MinimalSpan(kTraceId, "76543210", nested(65))}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
  EXPECT_EQ(decoded->first_reason, "a value is nested deeper than 64 levels");
}

TEST(DecodeTraces, InvalidUtf8IsMendedAndCounted) {
  const auto decoded =
      DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId, Attribute(KeyValue("k", TextValue("\xFF"))))}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->mended_strings, 1u);
  EXPECT_EQ(model::FindString(decoded->batch.spans.at(0).attributes, "k"), "\xEF\xBF\xBD");
}

TEST(DecodeTraces, EveryTruncationOfARequestIsAnErrorOrFewerSpansAndNeverACrash) {
  const std::string body = Request({MinimalSpan(kTraceId, kSpanId, Attribute(KeyValue("k", TextValue("value"))))});
  ASSERT_EQ(DecodeTraces(body)->batch.spans.size(), 1u);
  for (std::size_t size = 1; size < body.size(); ++size) EXPECT_FALSE(DecodeTraces(body.substr(0, size))) << size;
}

TEST(DecodeTraces, AKnownFieldOfAnotherWireTypeIsSkipped) {
  const std::string extra = Message([](pbf_writer& span) {
    span.add_fixed64(9, 7);     // attributes are messages
    span.add_uint64(7, 7);      // start_time_unix_nano is fixed64
    span.add_bytes(99, "new");  // unknown field
  });
  const auto decoded = DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId, extra)}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->batch.spans.at(0).start_unix_ns, 0u);
}

TEST(DecodeTraces, UnknownEnumNumbersAreKept) {
  const std::string extra = Message([](pbf_writer& span) { span.add_int32(6, 77); });
  const auto decoded = DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId, extra)}));
  EXPECT_EQ(static_cast<int>(decoded->batch.spans.at(0).kind), 77);
}

TEST(DecodeTraces, TooManyValuesRefuseTheRequest) {
  // An array of 4,000,000 empty values: 8 MB on the wire that would take 160 MB of memory.
  std::string array;
  for (std::size_t i = 0; i < kRequestValuesMax; ++i) array.append("\x0a\x00", 2);
  const std::string value = Message([&](pbf_writer& writer) { writer.add_message(5, array); });
  const auto decoded = DecodeTraces(Request({MinimalSpan(kTraceId, kSpanId, Attribute(KeyValue("k", value)))}));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kResourceExhausted);
}

// Bytes worked out by hand from the proto: field 1 (partial_success) holds field 1 = 3 and field 2 = "no".
TEST(Response, PartialSuccessAndStatusBytes) {
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kProtobuf, 0, ""), "");
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kProtobuf, 3, "no"),
            std::string("\x0a\x06\x08\x03\x12\x02no", 8));
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kProtobuf, 0, "no"), std::string("\x0a\x04\x12\x02no", 6));
  EXPECT_EQ(EncodeStatus(Encoding::kProtobuf, 3, "bad"), std::string("\x08\x03\x12\x03"
                                                                     "bad",
                                                                     7));
  // The Any is 48 bytes: a type URL of 40 with its two bytes of header, and a RetryInfo of 4 with its two.
  EXPECT_EQ(EncodeRetryStatus(14, "x", 1),
            std::string("\x08\x0e\x12\x01x\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo"
                        "\x12\x04\x0a\x02\x08\x01",
                        55));
}

}  // namespace
}  // namespace nightjar::otlp
