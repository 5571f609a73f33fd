#include "otlp/decode_logs.h"

#include <gtest/gtest.h>

#include "otlp/internal/testing.h"

namespace nightjar::otlp {
namespace {

using protozero::pbf_writer;

std::string Record(std::string_view fields) { return Field(2, fields); }

TEST(DecodeLogs, EveryFieldOfARequest) {
  const std::string record = Message([](pbf_writer& writer) {
    writer.add_fixed64(1, 1544712660000000001);
    writer.add_enum(2, 17);
    writer.add_string(3, "ERROR");
    writer.add_message(5, TextValue("it broke"));
    writer.add_message(6, KeyValue("a", TextValue("1")));
    writer.add_uint32(7, 4);
    writer.add_fixed32(8, 257);
    writer.add_bytes(9, "0123456789abcdef");
    writer.add_bytes(10, "01234567");
    writer.add_fixed64(11, UINT64_MAX);
    writer.add_string(12, "exception");
  });
  const std::string scope = Field(1, "s") + Field(2, "1") + Field(3, KeyValue("c", "")) + "\x20\x06";
  const std::string resource = Field(1, KeyValue("service.name", TextValue("svc"))) + "\x10\x07";
  const auto decoded = DecodeLogs(
      Field(1, Field(3, "u1") + Field(2, Field(3, "u2") + Record(record) + Field(1, scope)) + Field(1, resource)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources, (std::vector<model::Resource>{{{{"service.name", "svc"}}, 7, "u1"}}));
  EXPECT_EQ(decoded->batch.scopes, (std::vector<model::Scope>{{"s", "1", {{"c", {}}}, 6, "u2"}}));
  const model::LogRecord expected = {.trace_id = *TraceId::FromHex("30313233343536373839616263646566"),
                                     .span_id = *SpanId::FromHex("3031323334353637"),
                                     .time_unix_ns = 1544712660000000001,
                                     .observed_time_unix_ns = UINT64_MAX,
                                     .severity_number = 17,
                                     .severity_text = "ERROR",
                                     .event_name = "exception",
                                     .body = "it broke",
                                     .attributes = {{"a", "1"}},
                                     .dropped_attributes = 4,
                                     .flags = 257};
  EXPECT_EQ(decoded->batch.records, std::vector{expected});
  EXPECT_EQ(decoded->rejected_records, 0u);
}

TEST(DecodeLogs, ARecordNeedsNoField) {
  const auto decoded = DecodeLogs(RequestOf(Record("")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.records, std::vector{model::LogRecord()});
}

TEST(DecodeLogs, IdsAreAbsentOrWhole) {
  const auto decoded =
      DecodeLogs(RequestOf(Record(Field(9, "0123456789abcde")) + Record(Field(10, "012345678")) +
                           Record(Field(9, std::string(16, '\0')) + Field(10, "")) + Record(Field(10, "01234567"))));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_records, 2u);
  EXPECT_EQ(decoded->first_reason, "trace_id has 15 bytes, must have 16");
  ASSERT_EQ(decoded->batch.records.size(), 2u);
  EXPECT_TRUE(decoded->batch.records[0].trace_id.IsZero());
  EXPECT_EQ(decoded->batch.records[1].span_id.ToHex(), "3031323334353637");
}

TEST(DecodeLogs, UnknownSeverityNumbersAreKept) {
  const auto decoded = DecodeLogs(RequestOf(Record("\x10\x4d")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.records.at(0).severity_number, 77);
}

// AnyValue{kvlist_value: {a: [true, -1, 0.5, bytes "hi", nothing]}}
TEST(DecodeLogs, ABodyIsAnyValue) {
  const std::string array = Field(1, "\x10\x01") + Field(1, "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") +
                            Field(1, std::string("\x21\0\0\0\0\0\0\xe0\x3f", 9)) + Field(1, Field(7, "hi")) +
                            Field(1, "");
  const auto decoded = DecodeLogs(RequestOf(Record(Field(5, Field(6, Field(1, KeyValue("a", Field(5, array))))))));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.records.at(0).body,
            (model::KeyValueList{{"a", model::Array{true, std::int64_t{-1}, 0.5, model::Bytes{"hi"}, {}}}}));
}

}  // namespace
}  // namespace nightjar::otlp
