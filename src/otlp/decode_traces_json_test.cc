#include <gtest/gtest.h>

#include "otlp/decode_traces.h"

namespace nightjar::otlp {
namespace {

constexpr std::string_view kIds = R"("traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174")";

std::string Request(std::string_view spans) {
  return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + std::string(spans) + "]}]}]}";
}

// A span with good ids and these fields besides.
std::string SpanWith(std::string_view fields) { return "{" + std::string(kIds) + "," + std::string(fields) + "}"; }

model::Span Only(const std::string& span) {
  const auto decoded = DecodeTracesJson(Request(span));
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->first_reason, "");
  return decoded->batch.spans.at(0);
}

// Why the span is rejected; the one after it must be taken.
std::string Reason(const std::string& span) {
  const auto decoded = DecodeTracesJson(Request(span + "," + SpanWith(R"("name":"sibling")")));
  if (!decoded) return "refused: " + decoded.error().message;
  EXPECT_EQ(decoded->rejected_spans, 1u);
  EXPECT_EQ(decoded->batch.spans.size(), 1u);
  return decoded->first_reason;
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

TEST(DecodeTracesJson, OfDuplicatesTheLastWins) {
  EXPECT_EQ(Only(SpanWith(R"("name":"a","name":"b")")).name, "b");
  EXPECT_EQ(Only(SpanWith(R"("events":[{"name":"a"},{"name":"b"}],"events":[{"name":"c"}])")).events,
            (std::vector<model::Event>{{.name = "c"}}));
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
  EXPECT_EQ(Reason(SpanWith(R"("flags":4294967296)")), "flags 4294967296 is not an unsigned integer of 32 bits");
}

}  // namespace
}  // namespace nightjar::otlp
