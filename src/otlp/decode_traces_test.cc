#include "otlp/decode_traces.h"

#include <gtest/gtest.h>

#include "otlp/internal/testing.h"
#include "otlp/limits.h"

namespace nightjar::otlp {
namespace {

using protozero::pbf_writer;

std::string Span(std::string_view trace_id, std::string_view span_id, std::string_view fields = "") {
  return Field(2, Field(1, trace_id) + Field(2, span_id) + std::string(fields));
}

// A span with good ids and these fields besides.
std::string SpanWith(std::string_view fields) { return Span("0123456789abcdef", "01234567", fields); }

TEST(DecodeTraces, EveryFieldOfARequest) {
  const std::string event = Message([](pbf_writer& writer) {
    writer.add_fixed64(1, UINT64_MAX);
    writer.add_string(2, "e");
    writer.add_message(3, KeyValue("b", "\x10\x01"));
    writer.add_uint32(4, 4);
  });
  const std::string link = Message([](pbf_writer& writer) {
    writer.add_bytes(1, "fedcba9876543210");
    writer.add_bytes(2, "76543210");
    writer.add_string(3, "c=d");
    writer.add_message(4, KeyValue("c", TextValue("2")));
    writer.add_uint32(5, 5);
    writer.add_fixed32(6, 1);
  });
  const std::string fields = Message([&](pbf_writer& writer) {
    writer.add_string(3, "a=b");
    writer.add_bytes(4, "01234568");
    writer.add_string(5, "caf\xC3\xA9");
    writer.add_enum(6, 3);
    writer.add_fixed64(7, 1544712660000000001);
    writer.add_fixed64(8, 1544712661000000002);
    writer.add_message(9, KeyValue("a", TextValue("1")));
    writer.add_uint32(10, 1);
    writer.add_message(11, event);
    writer.add_uint32(12, 2);
    writer.add_message(13, link);
    writer.add_uint32(14, 3);
    writer.add_message(15, Field(2, "bad") + "\x18\x02");
    writer.add_fixed32(16, 257);
  });
  const std::string scope = Field(1, "s") + Field(2, "1") + Field(3, KeyValue("d", "")) + "\x20\x06";
  const std::string resource = Field(1, KeyValue("service.name", TextValue("svc"))) + "\x10\x07";
  const auto decoded = DecodeTraces(
      Field(1, Field(3, "u1") + Field(2, Field(3, "u2") + SpanWith(fields) + Field(1, scope)) + Field(1, resource)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources, (std::vector<model::Resource>{{{{"service.name", "svc"}}, 7, "u1"}}));
  EXPECT_EQ(decoded->batch.scopes, (std::vector<model::Scope>{{"s", "1", {{"d", {}}}, 6, "u2"}}));
  const model::Span expected = {
      .trace_id = *TraceId::FromHex("30313233343536373839616263646566"),
      .span_id = *SpanId::FromHex("3031323334353637"),
      .parent_span_id = *SpanId::FromHex("3031323334353638"),
      .name = "caf\xC3\xA9",
      .kind = model::SpanKind::kClient,
      .start_unix_ns = 1544712660000000001,
      .end_unix_ns = 1544712661000000002,
      .status = model::StatusCode::kError,
      .status_message = "bad",
      .trace_state = "a=b",
      .flags = 257,
      .attributes = {{"a", "1"}},
      .events = {{UINT64_MAX, "e", {{"b", true}}, 4}},
      .links = {{*TraceId::FromHex("66656463626139383736353433323130"),
                 *SpanId::FromHex("3736353433323130"),
                 "c=d",
                 {{"c", "2"}},
                 5,
                 1}},
      .dropped_attributes = 1,
      .dropped_events = 2,
      .dropped_links = 3,
  };
  EXPECT_EQ(decoded->batch.spans, std::vector{expected});
}

TEST(DecodeTraces, IdsMustBeSet) {
  const auto decoded = DecodeTraces(RequestOf(Span(std::string(16, '\0'), "01234567") +
                                              Span("0123456789abcdef", std::string(8, '\0')) + SpanWith("")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
  EXPECT_EQ(decoded->rejected_spans, 2u);
  EXPECT_EQ(decoded->first_reason, "trace_id is all zero");
}

TEST(DecodeTraces, AParentOfZerosIsNone) {
  const auto decoded = DecodeTraces(RequestOf(SpanWith(Field(4, std::string(8, '\0')))));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_spans, 0u);
  EXPECT_TRUE(decoded->batch.spans.at(0).parent_span_id.IsZero());
}

TEST(DecodeTraces, IdsOfParentsAndLinksMustBeWhole) {
  const auto reason = [](const std::string& fields) { return DecodeTraces(RequestOf(SpanWith(fields)))->first_reason; };
  EXPECT_EQ(reason(Field(4, "")), "");
  EXPECT_EQ(reason(Field(4, "0123456")), "parent_span_id has 7 bytes, must have 8");
  EXPECT_EQ(reason(Field(13, "")), "trace_id of a link has 0 bytes, must have 16");
  EXPECT_EQ(reason(Field(13, Field(1, "0123456789abcdef"))), "span_id of a link has 0 bytes, must have 8");
}

TEST(DecodeTraces, TooManyEventsOrLinksRejectTheirSpanOnly) {
  const auto repeated = [](const std::string& field, std::size_t times) {
    std::string fields;
    for (std::size_t i = 0; i < times; ++i) fields += field;
    return SpanWith(fields);
  };
  const std::string event = Field(11, "");
  const std::string link = Field(13, Field(1, "0123456789abcdef") + Field(2, "01234567"));
  const auto events = DecodeTraces(RequestOf(repeated(event, 65'536) + repeated(event, 65'537)));
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_EQ(events->batch.spans.size(), 1u);
  EXPECT_EQ(events->first_reason, "more than 65536 events");
  const auto links = DecodeTraces(RequestOf(repeated(link, 65'536) + repeated(link, 65'537)));
  ASSERT_TRUE(links) << links.error().message;
  EXPECT_EQ(links->batch.spans.size(), 1u);
  EXPECT_EQ(links->first_reason, "more than 65536 links");
}

TEST(DecodeTraces, UnknownEnumNumbersAreKept) {
  const auto decoded = DecodeTraces(RequestOf(SpanWith("\x30\x4d")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(static_cast<int>(decoded->batch.spans.at(0).kind), 77);
}

}  // namespace
}  // namespace nightjar::otlp
