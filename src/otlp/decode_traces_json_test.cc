#include <gtest/gtest.h>

#include <cmath>

#include "otlp/decode_traces.h"
#include "otlp/limits.h"
#include "otlp/response.h"

namespace nightjar::otlp {
namespace {

constexpr std::string_view kIds = R"("traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174")";

std::string Request(std::string_view spans) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + std::string(spans) + "]}]}]}";
}

// A span with good ids and these fields besides.
std::string SpanWith(std::string_view fields) { return "{" + std::string(kIds) + "," + std::string(fields) + "}"; }

std::string Attribute(std::string_view any_value) {
  return SpanWith(R"("attributes":[{"key":"k","value":)" + std::string(any_value) + "}]");
}

model::Span Only(const std::string& span) {
  const auto decoded = DecodeTracesJson(Request(span));
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->first_reason, "");
  return decoded->batch.spans.at(0);
}

model::Value ValueOf(std::string_view any_value) { return Only(Attribute(any_value)).attributes.at(0).value; }

// Why the span is rejected; the one after it must be taken.
std::string Reason(const std::string& span) {
  const auto decoded = DecodeTracesJson(Request(span + "," + SpanWith(R"("name":"sibling")")));
  if (!decoded) return "refused: " + decoded.error().message;
  EXPECT_EQ(decoded->rejected_spans, 1u);
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
  return decoded->first_reason;
}

std::string Nested(int levels) {
  std::string before;
  std::string after;
  for (int i = 1; i < levels; ++i) {
    before += R"({"arrayValue":{"values":[)";
    after += "]}}";
  }
  return before + R"({"stringValue":"x"})" + after;
}

TEST(DecodeTracesJson, EveryFieldOfARequest) {
  const auto decoded = DecodeTracesJson(R"({"resourceSpans":[{
    "scopeSpans":[{
      "spans":[{
        "traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"eee19b7ec3c1b173",
        "traceState":"a=b","flags":257,"name":"caf\u00e9","kind":3,
        "startTimeUnixNano":"1544712660000000001","endTimeUnixNano":1544712661000000002,
        "attributes":[{"key":"a","value":{"intValue":"-9223372036854775808"}}],"droppedAttributesCount":1,
        "events":[{"timeUnixNano":"18446744073709551615","name":"e","droppedAttributesCount":4,
                   "attributes":[{"key":"b","value":{"boolValue":true}}]}],"droppedEventsCount":2,
        "links":[{"traceId":"5b8efff798038103d269b633813fc60d","spanId":"eee19b7ec3c1b175","traceState":"c=d","flags":1,
                  "attributes":[{"key":"c","value":{"doubleValue":0.5}}],"droppedAttributesCount":5}],
        "droppedLinksCount":3,"status":{"message":"bad","code":2}}],
      "scope":{"name":"s","version":"1","attributes":[{"key":"d","value":{}}],"droppedAttributesCount":6},
      "schemaUrl":"u2"}],
    "schemaUrl":"u1",
    "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}],"droppedAttributesCount":7}}]})");
  ASSERT_TRUE(decoded) << decoded.error().message;
  const model::Resource resource = {{{"service.name", "svc"}}, 7, "u1"};
  const model::Scope scope = {"s", "1", {{"d", {}}}, 6, "u2"};
  EXPECT_EQ(decoded->batch.resources.at(0), resource);
  EXPECT_EQ(decoded->batch.scopes.at(0), scope);
  const model::Span& span = decoded->batch.spans.at(0);
  EXPECT_EQ(span.trace_id.ToHex(), "5b8efff798038103d269b633813fc60c");
  EXPECT_EQ(span.span_id.ToHex(), "eee19b7ec3c1b174");
  EXPECT_EQ(span.parent_span_id.ToHex(), "eee19b7ec3c1b173");
  EXPECT_EQ(span.trace_state, "a=b");
  EXPECT_EQ(span.flags, 257u);
  EXPECT_EQ(span.name, "caf\xC3\xA9");
  EXPECT_EQ(span.kind, model::SpanKind::kClient);
  EXPECT_EQ(span.start_unix_ns, 1544712660000000001u);
  EXPECT_EQ(span.end_unix_ns, 1544712661000000002u);
  EXPECT_EQ(span.attributes, (model::Attributes{{"a", std::int64_t{INT64_MIN}}}));
  EXPECT_EQ(span.events, (std::vector<model::Event>{{UINT64_MAX, "e", {{"b", true}}, 4}}));
  ASSERT_EQ(span.links.size(), 1u);
  EXPECT_EQ(span.links[0].trace_id.ToHex(), "5b8efff798038103d269b633813fc60d");
  EXPECT_EQ(span.links[0].span_id.ToHex(), "eee19b7ec3c1b175");
  EXPECT_EQ(span.links[0].trace_state, "c=d");
  EXPECT_EQ(span.links[0].attributes, (model::Attributes{{"c", 0.5}}));
  EXPECT_EQ(span.links[0].dropped_attributes, 5u);
  EXPECT_EQ(span.links[0].flags, 1u);
  EXPECT_EQ(span.status, model::StatusCode::kError);
  EXPECT_EQ(span.status_message, "bad");
  EXPECT_EQ(span.dropped_attributes, 1u);
  EXPECT_EQ(span.dropped_events, 2u);
  EXPECT_EQ(span.dropped_links, 3u);
}

TEST(DecodeTracesJson, Values) {
  EXPECT_EQ(ValueOf(R"({"intValue":7})"), std::int64_t{7});
  EXPECT_EQ(ValueOf(R"({"intValue":"9223372036854775807"})"), std::int64_t{INT64_MAX});
  EXPECT_EQ(ValueOf(R"({"boolValue":false})"), false);
  EXPECT_EQ(ValueOf(R"({"doubleValue":7})"), 7.0);
  EXPECT_EQ(ValueOf(R"({"doubleValue":123456789012345680000})"), 1.2345678901234568e20);  // as JavaScript writes it
  EXPECT_EQ(ValueOf(R"({"doubleValue":"-1.5e3"})"), -1500.0);
  EXPECT_EQ(ValueOf(R"({"doubleValue":"Infinity"})"), INFINITY);
  EXPECT_EQ(ValueOf(R"({"doubleValue":"-Infinity"})"), -INFINITY);
  EXPECT_TRUE(std::isnan(*ValueOf(R"({"doubleValue":"NaN"})").As<double>()));
  EXPECT_EQ(ValueOf(R"({"stringValue":""})"), "");
  EXPECT_EQ(ValueOf(R"({"stringValue":"\"\\\/\n\u0000\ud83d\ude00"})"), std::string("\"\\/\n\0\xF0\x9F\x98\x80", 9));
  const model::Value bytes = model::Bytes{"\xFB\xFF\xFE"};
  EXPECT_EQ(ValueOf(R"({"bytesValue":"+//+"})"), bytes);
  EXPECT_EQ(ValueOf(R"({"bytesValue":"-__-"})"), bytes);
  EXPECT_EQ(ValueOf(R"({"bytesValue":"aGk"})"), model::Bytes{"hi"});
  EXPECT_EQ(ValueOf(R"({"arrayValue":{"values":[{"intValue":1},{},null,{"arrayValue":{}}]}})"),
            (model::Array{std::int64_t{1}, {}, {}, model::Array{}}));
  EXPECT_EQ(ValueOf(R"({"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}},{"key":"b"}]}})"),
            (model::KeyValueList{{"a", std::int64_t{1}}, {"b", {}}}));
}

TEST(DecodeTracesJson, NullIsUnsetAndUnknownFieldsAreIgnoredAtEveryLevel) {
  const std::string unknown = R"("x":{"y":[1e999,123456789012345678901234567890,{"z":null}]},)";
  const auto decoded = DecodeTracesJson(
      "{" + unknown + R"("resourceSpans":[{)" + unknown + R"("resource":{)" + unknown + R"("attributes":[{)" + unknown +
      R"("key":"k","value":{)" + unknown + R"("intValue":"1"}}]},"scopeSpans":[{)" + unknown +
      R"("scope":null,"spans":[{)" + unknown +
      R"("trace_id":"snake","start_time_unix_nano":"7","name":null,"kind":null,"status":null,"events":null,)" +
      std::string(kIds) + "}]}]}]}");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources.at(0).attributes, (model::Attributes{{"k", std::int64_t{1}}}));
  ASSERT_EQ(decoded->batch.spans.size(), 1u);
  EXPECT_EQ(decoded->batch.spans[0].start_unix_ns, 0u);
  EXPECT_TRUE(DecodeTracesJson("{}"));
  EXPECT_TRUE(DecodeTracesJson(R"( {"resourceSpans":null} )"));
}

TEST(DecodeTracesJson, OfDuplicatesTheLastWins) {
  EXPECT_EQ(Only(SpanWith(R"("name":"a","name":"b")")).name, "b");
  EXPECT_EQ(ValueOf(R"({"intValue":1,"stringValue":"s"})"), "s");
  const std::string lists = R"("events":[{"name":"a"},{"name":"b"}],"events":[{"name":"c"}],)"
                            R"("attributes":[{"key":"a","value":{"intValue":1}}],)"
                            R"("attributes":[{"key":"b","value":{"intValue":1}},{"key":"b","value":{"intValue":2}}])";
  const model::Span span = Only(SpanWith(lists));
  EXPECT_EQ(span.events.size(), 1u);
  EXPECT_EQ(span.attributes, (model::Attributes{{"b", std::int64_t{2}}}));
  const auto decoded = DecodeTracesJson(R"({"resourceSpans":[{"scopeSpans":[{"spans":[{}, {"name":"lost"}],"spans":[)" +
                                        SpanWith(R"("name":"kept")") + "]}]}]}");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_spans, 0u);
  EXPECT_EQ(decoded->first_reason, "");
  EXPECT_EQ(decoded->batch.spans.at(0).name, "kept");
}

TEST(DecodeTracesJson, BadSpansAreRejectedAlone) {
  EXPECT_EQ(Reason("{}"), "traceId has 0 characters, must have 32 hex digits");
  EXPECT_EQ(Reason("null"), "a span is not an object");
  EXPECT_EQ(Reason(R"({"traceId":"00000000000000000000000000000000","spanId":"eee19b7ec3c1b174"})"),
            "trace_id is all zero");
  EXPECT_EQ(Reason(R"({"traceId":"5b8efff798038103d269b633813fc60g","spanId":"eee19b7ec3c1b174"})"),
            "traceId is not hex");
  EXPECT_EQ(Reason(R"({"traceId":"5b8efff798038103d269b633813fc60c","spanId":"7uGbfsPBsXQ="})"),
            "spanId has 12 characters, must have 16 hex digits");
  EXPECT_EQ(Reason(SpanWith(R"("parentSpanId":"ee")")), "parentSpanId has 2 characters, must have 16 hex digits");
  EXPECT_EQ(Reason(SpanWith(R"("links":[{"traceId":"5b8efff798038103d269b633813fc60c"}])")),
            "spanId of a link has 0 characters, must have 16 hex digits");
  EXPECT_EQ(Reason(SpanWith(R"("kind":"SPAN_KIND_SERVER")")),
            "kind is \"SPAN_KIND_SERVER\"; enum names are not OTLP/JSON, send the number");
  EXPECT_EQ(Reason(SpanWith(R"("status":{"code":"STATUS_CODE_OK"})")),
            "code is \"STATUS_CODE_OK\"; enum names are not OTLP/JSON, send the number");
  EXPECT_EQ(Reason(SpanWith(R"("name":7)")), "name is not a string");
  EXPECT_EQ(Reason(SpanWith(R"("name":"\x")")), "name holds an escape that JSON does not have");
  EXPECT_EQ(Reason(SpanWith(R"("events":{})")), "events is not a list");
  EXPECT_EQ(Reason(SpanWith(R"("startTimeUnixNano":"-1")")),
            "startTimeUnixNano -1 is not an unsigned integer of 64 bits");
  EXPECT_EQ(Reason(SpanWith(R"("startTimeUnixNano":"18446744073709551616")")),
            "startTimeUnixNano 18446744073709551616 is not an unsigned integer of 64 bits");
  EXPECT_EQ(Reason(SpanWith(R"("flags":4294967296)")), "flags 4294967296 is not an unsigned integer of 32 bits");
  EXPECT_EQ(Reason(Attribute(R"({"intValue":9223372036854775808})")),
            "intValue 9223372036854775808 is not a signed integer of 64 bits");
  EXPECT_EQ(Reason(Attribute(R"({"intValue":1e3})")), "intValue 1e3 is not a signed integer of 64 bits");
  EXPECT_EQ(Reason(Attribute(R"({"intValue":01 })")), "intValue 01 is not a signed integer of 64 bits");
  EXPECT_EQ(Reason(Attribute(R"({"intValue":""})")), "intValue  is not a signed integer of 64 bits");
  EXPECT_EQ(Reason(Attribute(R"({"doubleValue":"inf"})")), "doubleValue \"inf\" is not a double");
  EXPECT_EQ(Reason(Attribute(R"({"doubleValue":1e999})")), "doubleValue is not a double");
  EXPECT_EQ(Reason(Attribute(R"({"boolValue":"true"})")), "boolValue is not true or false");
  EXPECT_EQ(Reason(Attribute(R"({"bytesValue":"a*=="})")), "bytesValue is not base64");
  EXPECT_EQ(Reason(Attribute("7")), "an attribute value is not an object");
}

TEST(DecodeTracesJson, ARefusedResourceRejectsItsSpansOnly) {
  const std::string good = R"({"scopeSpans":[{"spans":[)" + SpanWith(R"("name":"good")") + "]}]}";
  const std::string bad = R"({"scopeSpans":[{"spans":[{)" + std::string(kIds) + "},{" + std::string(kIds) +
                          R"(}]}],"resource":{"attributes":7}})";
  const auto decoded = DecodeTracesJson(R"({"resourceSpans":[)" + bad + "," + good + "," + bad + "]}");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_spans, 4u);
  EXPECT_EQ(decoded->first_reason, "attributes is not a list");
  ASSERT_EQ(decoded->batch.spans.size(), 1u);
  EXPECT_EQ(decoded->batch.spans[0].name, "good");
}

TEST(DecodeTracesJson, ValuesDeeperThanTheLimitRejectTheirSpanOnly) {
  EXPECT_EQ(Only(Attribute(Nested(64))).attributes.size(), 1u);
  for (const int levels : {65, 2'000, 200'000})
    EXPECT_EQ(Reason(Attribute(Nested(levels))), "a value is nested deeper than 64 levels") << levels;
}

TEST(DecodeTracesJson, HalvesOfSurrogatePairsAreMendedAndCounted) {
  const auto decoded = DecodeTracesJson(Request(SpanWith(
      R"("name":"a\ud83d","attributes":[{"key":"\ude00\\ud83d","value":{"stringValue":"\ud83d\u0041\ud83d\ude00"}}])")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->mended_strings, 3u);
  const model::Span& span = decoded->batch.spans.at(0);
  EXPECT_EQ(span.name, "a\xEF\xBF\xBD");
  EXPECT_EQ(span.attributes, (model::Attributes{{"\xEF\xBF\xBD\\ud83d",
                                                 "\xEF\xBF\xBD"
                                                 "A\xF0\x9F\x98\x80"}}));
}

TEST(DecodeTracesJson, WhatIsNotARequestIsRefused) {
  const std::string name_is_not_utf8 = Request(SpanWith("\"name\":\"\xFF\""));
  for (const std::string& body : std::vector<std::string>{"",
                                                          " ",
                                                          "null",
                                                          "7",
                                                          "[]",
                                                          "\"x\"",
                                                          "{",
                                                          "}",
                                                          "{}}",
                                                          "{} {}",
                                                          "{}x",
                                                          "{'a':1}",
                                                          R"({"a" 1})",
                                                          R"({"a":1,})",
                                                          R"({"resourceSpans":[})",
                                                          R"({"resourceSpans":{}})",
                                                          R"({"resourceSpans":[7]})",
                                                          R"({"resourceSpans":[{"scopeSpans":7}]})",
                                                          Request(SpanWith(R"("name":nul)")),
                                                          Request(SpanWith("\"name\":\"\n\"")),
                                                          name_is_not_utf8}) {
    const auto decoded = DecodeTracesJson(body);
    ASSERT_FALSE(decoded) << body;
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(decoded.error().message.starts_with("the body is not an ExportTraceServiceRequest in OTLP/JSON: "));
  }
}

TEST(DecodeTracesJson, EveryTruncationOfARequestIsRefused) {
  const std::string body = Request(Attribute(R"({"stringValue":"value \u00e9"})") + "," + Attribute(Nested(3)));
  ASSERT_EQ(DecodeTracesJson(body)->batch.spans.size(), 2u);
  for (std::size_t size = 0; size < body.size(); ++size) EXPECT_FALSE(DecodeTracesJson(body.substr(0, size))) << size;
}

TEST(DecodeTracesJson, TooManyValuesRefuseTheRequest) {
  std::string scopes = "{}";
  for (std::size_t i = 0; i < kRequestValuesMax; ++i) scopes += ",{}";
  const auto decoded = DecodeTracesJson(R"({"resourceSpans":[{"scopeSpans":[)" + scopes + "]}]}");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kResourceExhausted);
}

TEST(Response, Json) {
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kJson, 0, ""), "{}");
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kJson, 7, "no"),
            R"({"partialSuccess":{"rejectedSpans":"7","errorMessage":"no"}})");
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kJson, 0, "hm"),
            R"({"partialSuccess":{"errorMessage":"hm"}})");
  EXPECT_EQ(EncodeStatus(Encoding::kJson, 3, "bad"), R"({"code":3,"message":"bad"})");
}

}  // namespace
}  // namespace nightjar::otlp
