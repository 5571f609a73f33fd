#include <gtest/gtest.h>

#include "otlp/decode_logs.h"

namespace nightjar::otlp {
namespace {

std::string Request(std::string_view records) {
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + std::string(records) + "]}]}]}";
}

// Why the record is rejected; the one after it must be taken.
std::string Reason(const std::string& record) {
  const auto decoded = DecodeLogsJson(Request(record + ",{}"));
  if (!decoded) return "refused: " + decoded.error().message;
  EXPECT_EQ(decoded->rejected_records, 1u);
  EXPECT_EQ(decoded->batch.records.size(), 1u);
  return decoded->first_reason;
}

TEST(DecodeLogsJson, EveryFieldOfARequest) {
  const auto decoded = DecodeLogsJson(R"({"resourceLogs":[{
    "scopeLogs":[{
      "logRecords":[{
        "timeUnixNano":"1544712660000000001","observedTimeUnixNano":18446744073709551615,
        "severityNumber":17,"severityText":"ERROR","eventName":"exception","flags":257,
        "body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"intValue":"7"},{}]}}}]}},
        "attributes":[{"key":"b","value":{"boolValue":true}}],"droppedAttributesCount":4,
        "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174"}],
      "scope":{"name":"s","version":"1"},"schemaUrl":"u2"}],
    "schemaUrl":"u1",
    "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]}}]})");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources, (std::vector<model::Resource>{{{{"service.name", "svc"}}, 0, "u1"}}));
  EXPECT_EQ(decoded->batch.scopes, (std::vector<model::Scope>{{"s", "1", {}, 0, "u2"}}));
  const model::LogRecord expected = {
      .trace_id = *TraceId::FromHex("5b8efff798038103d269b633813fc60c"),
      .span_id = *SpanId::FromHex("eee19b7ec3c1b174"),
      .time_unix_ns = 1544712660000000001,
      .observed_time_unix_ns = UINT64_MAX,
      .severity_number = 17,
      .severity_text = "ERROR",
      .event_name = "exception",
      .body = model::KeyValueList{{"a", model::Array{std::int64_t{7}, {}}}},
      .attributes = {{"b", true}},
      .dropped_attributes = 4,
      .flags = 257,
  };
  EXPECT_EQ(decoded->batch.records, std::vector{expected});
  EXPECT_EQ(decoded->rejected_records, 0u);
}

TEST(DecodeLogsJson, IdsAreAbsentOrWhole) {
  const auto decoded =
      DecodeLogsJson(Request(R"({},{"traceId":"","spanId":null},{"spanId":"eee19b7ec3c1b174","spanId":""},
                 {"traceId":"00000000000000000000000000000000"},
                 {"traceId":"short","traceId":"5b8efff798038103d269b633813fc60c"})"));
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->batch.records.size(), 5u) << decoded->first_reason;
  EXPECT_TRUE(decoded->batch.records[2].span_id.IsZero());
  EXPECT_EQ(decoded->batch.records[4].trace_id.ToHex(), "5b8efff798038103d269b633813fc60c");
}

TEST(DecodeLogsJson, BadRecordsAreRejectedAlone) {
  EXPECT_EQ(Reason("null"), "a log record is not an object");
  EXPECT_EQ(Reason(R"({"traceId":"5b8e"})"), "traceId has 4 characters, must have 32 hex digits");
  EXPECT_EQ(Reason(R"({"spanId":"eee19b7ec3c1b17g"})"), "spanId is not hex");
  EXPECT_EQ(Reason(R"({"severityNumber":"SEVERITY_NUMBER_INFO"})"),
            "severityNumber is \"SEVERITY_NUMBER_INFO\"; enum names are not OTLP/JSON, send the number");
  EXPECT_EQ(Reason(R"({"body":"text"})"), "body is not an object");
  EXPECT_EQ(Reason(R"({"timeUnixNano":true})"), "timeUnixNano is not a number");
}

}  // namespace
}  // namespace nightjar::otlp
