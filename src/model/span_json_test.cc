#include "model/span_json.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace nightjar::model {
namespace {

Span RecordedSpan() {
  Span span;
  span.project = "default";
  span.trace_id = *TraceId::FromHex("932dc062b37c427ae027547955ae7031");
  span.span_id = *SpanId::FromHex("7eba8736db007f7b");
  span.name = "llm.chat";
  span.kind = SpanKind::kInternal;
  span.start_unix_ns = 1795386329374221707;
  span.end_unix_ns = 1795386329570983896;
  return span;
}

std::string Shown(const Span& span, const LlmView& view, const char* key) {
  return ToJson(ToSpanJson(span, {}, {}, view).at(key));
}

TEST(SpanJson, UnknownIsNullAndNoKeyIsMissing) {
  EXPECT_EQ(
      ToJson(ToSpanJson(RecordedSpan(), {}, {.name = "stack-dev"}, {})),
      R"({"project":"default","trace_id":"932dc062b37c427ae027547955ae7031","span_id":"7eba8736db007f7b",)"
      R"("parent_span_id":null,"name":"llm.chat","otel_kind":"INTERNAL","start_unix_ns":"1795386329374221707",)"
      R"("end_unix_ns":"1795386329570983896","duration_ns":196762189,"status":{"code":"UNSET","message":null},)"
      R"("trace_state":null,"flags":0,"dropped":{"attributes":0,"events":0,"links":0},"resource":{},)"
      R"("resource_dropped_attributes":0,"resource_schema_url":null,"scope":{"name":"stack-dev","version":null,)"
      R"("attributes":{},"dropped_attributes":0,"schema_url":null},"attributes":{},"events":[],"links":[],)"
      R"("title":null,"kind":"UNKNOWN","service_name":null,"session_id":null,"user_id":null,"agent_name":null,"tags":[],)"
      R"("metadata":null,"dialect":null,"rules_version":0,"input":null,"output":null,"llm":null,"tokens":null,)"
      R"("cost":null,"unpriced":null,"tool":null,"retrieval":null,"reranker":null,"embedding":null,"exception":null,"origins":{},"notes":[],)"
      R"("annotations":[],"logs":[],"sampling":{"weight":1,"rule":null}})");
}

TEST(SpanJson, RecordIsKeptWhole) {
  Span span = RecordedSpan();
  span.parent_span_id = *SpanId::FromHex("a398d6accae702d1");
  span.kind = SpanKind{9};
  span.end_unix_ns = span.start_unix_ns - 5;
  span.status = StatusCode::kError;
  span.status_message = "boom";
  span.attributes = {{"a.b", std::int64_t{1}}};
  span.events = {{.time_unix_ns = 18446744073709551615u, .name = "e", .attributes = {{"k", 1.0}}}};
  span.links = {{.trace_id = span.trace_id, .span_id = span.span_id, .dropped_attributes = 2, .flags = 257}};
  EXPECT_EQ(Shown(span, {}, "parent_span_id"), R"("a398d6accae702d1")");
  EXPECT_EQ(Shown(span, {}, "otel_kind"), R"("9")");
  EXPECT_EQ(Shown(span, {}, "duration_ns"), "-5");
  EXPECT_EQ(Shown(span, {}, "status"), R"({"code":"ERROR","message":"boom"})");
  EXPECT_EQ(Shown(span, {}, "attributes"), R"({"a.b":1})");
  EXPECT_EQ(Shown(span, {}, "events"),
            R"([{"name":"e","time_unix_ns":"18446744073709551615","attributes":{"k":1.0}}])");
  EXPECT_EQ(Shown(span, {}, "links"),
            R"([{"trace_id":"932dc062b37c427ae027547955ae7031","span_id":"7eba8736db007f7b","trace_state":null,)"
            R"("flags":257,"attributes":{},"dropped_attributes":2}])");
}

TEST(SpanJson, LlmView) {
  Llm llm;
  llm.provider = "openai";
  llm.invocation_parameters = R"({"temperature": 0.7})";
  Message answer{.role = "assistant"};
  answer.content = {{.type = Part::Type::kText, .text = ""},
                    {.type = Part::Type::kToolCall, .id = "call_1", .name = "now", .arguments = "{}"},
                    {.type = Part::Type::kImage, .url = "https://example.org/a.png"}};
  llm.output_messages = {answer};
  llm.tools = {{.name = "now", .parameters = R"({"type":"object"})"}};
  llm.finish_reasons = {"tool_calls"};
  llm.time_to_first_token_ns = 12'000'000;
  llm.prompt_template = PromptTemplate{.name = "greeting", .template_text = "Hi {name}", .variables = "not json"};
  LlmView view;
  view.llm = llm;
  EXPECT_EQ(
      Shown(RecordedSpan(), view, "llm"),
      R"({"operation":null,"provider":"openai","model":null,"request_model":null,"response_model":null,)"
      R"("response_id":null,"invocation_parameters":{"temperature":0.7},"input_messages":[],"output_messages":)"
      R"([{"role":"assistant","name":null,"tool_call_id":null,"finish_reason":null,"content":[{"type":"text",)"
      R"("text":""},{"type":"tool_call","id":"call_1","name":"now","arguments":"{}"},{"type":"image",)"
      R"("url":"https://example.org/a.png","mime_type":null}]}],"tools":[{"name":"now","description":null,)"
      R"("parameters":{"type":"object"}}],"finish_reasons":["tool_calls"],"service_tier":null,"time_to_first_token_ns":12000000,)"
      R"("prompt_template":{"name":"greeting","template":"Hi {name}","variables":"not json","version":null}})");
}

TEST(SpanJson, CountsCostsAndDocuments) {
  LlmView view;
  view.tokens = TokenUsage{.prompt = 0, .rule = "openinference.token_count"};
  view.cost = ReportedCost{.total_usd = 0.5, .details = {{"prompt_details.cache_read", 0.25}}};
  view.retrieval = Retrieval{.query = "q", .documents = {{.id = "d", .score = 1, .metadata = R"({"page":2})"}}};
  view.tool = ToolUse{.name = "search", .arguments = R"({"k":1})"};
  EXPECT_EQ(
      Shown(RecordedSpan(), view, "tokens"),
      R"({"prompt":0,"completion":null,"total":null,"cache_read":null,"cache_write":null,"cache_write_1h":null,"uncached":null,)"
      R"("reasoning":null,"prompt_audio":null,"prompt_image":null,"completion_audio":null,"rule":"openinference.token_count",)"
      R"("estimated":false})");
  EXPECT_EQ(
      Shown(RecordedSpan(), view, "cost"),
      R"({"total_usd":0.5,"prompt_usd":null,"completion_usd":null,"details":{},"cache_savings_usd":null,"price":null,)"
      R"("origin":"reported","reported":{"total_usd":0.5,"prompt_usd":null,"completion_usd":null,)"
      R"("details":{"prompt_details.cache_read":0.25}}})");
  EXPECT_EQ(Shown(RecordedSpan(), view, "retrieval"),
            R"({"query":"q","documents":[{"id":"d","score":1.0,"content":null,"metadata":{"page":2}}]})");
  EXPECT_EQ(Shown(RecordedSpan(), view, "tool"),
            R"({"name":"search","call_id":null,"description":null,"arguments":"{\"k\":1}","result":null})");
}

TEST(SpanJson, AComputedCostExplainsItselfAndLeavesTheReportedOne) {
  LlmView view;
  view.cost = ReportedCost{.total_usd = 0.5};
  view.computed_cost = Cost{.total_usd = 0.0145,
                            .prompt_usd = 0.0025,
                            .lines = {{"input", 1000, 2.5, 0.0025}, {"request", {}, {}, 0.012}},
                            .price = {"openai/gpt-4o", "", "genai-prices 0.2.3"},
                            .cache_savings_usd = -0.25};
  EXPECT_EQ(
      Shown(RecordedSpan(), view, "cost"),
      R"({"total_usd":0.0145,"prompt_usd":0.0025,"completion_usd":0.0,"details":{"input":{"tokens":1000,)"
      R"("usd_per_million":2.5,"usd":0.0025,"above":null},)"
      R"("request":{"tokens":null,"usd_per_million":null,"usd":0.012,"above":null}},)"
      R"("cache_savings_usd":-0.25,"price":{"id":"openai/gpt-4o","date":null,"source":"genai-prices 0.2.3"},)"
      R"("origin":"computed","reported":{"total_usd":0.5,"prompt_usd":null,"completion_usd":null,"details":{}}})");
}

}  // namespace
}  // namespace nightjar::model
