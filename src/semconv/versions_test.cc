// What other versions of the libraries write than those whose recordings are kept: attributes as the named version sent
// them to this server, cut to what matters.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "semconv/internal/testing.h"
#include "semconv/known_keys.h"

namespace nightjar::semconv {
namespace {

const std::vector<Message> kAsked = {Said("system", "Be careful."), Said("user", "Weather?")};

// The span of a run names no operation, and sums up its calls under the keys that calls use.
TEST(Versions, PydanticAi1RunIsAnAgent) {
  const char* all =
      R"([{"role": "system", "parts": [{"type": "text", "content": "Be careful."}]}, {"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}])";
  const LlmView run = View({{"agent_name", "bird_agent"},
                            {"model_name", "gpt-4o"},
                            {"gen_ai.usage.input_tokens", std::int64_t{2003}},
                            {"gen_ai.usage.output_tokens", std::int64_t{203}},
                            {"pydantic_ai.all_messages", all},
                            {"final_result", "Sunny in Paris."}});
  EXPECT_EQ(run.kind, ObservationKind::kAgent);
  EXPECT_EQ(run.agent_name, "bird_agent");
  EXPECT_EQ(run.llm->input_messages, kAsked);
  EXPECT_EQ(View({{"agent_name", "bird_agent"},
                  {"all_messages_events", R"([{"event.name": "gen_ai.user.message", "content": "Weather?"}])"}})
                .kind,
            ObservationKind::kAgent);
  const LlmView tool = View({{"gen_ai.tool.name", "get_weather"},
                             {"gen_ai.tool.call.id", "call_1"},
                             {"tool_arguments", R"({"city": "Paris"})"},
                             {"tool_response", "Sunny"}});
  EXPECT_EQ(tool.tool, (model::ToolUse{"get_weather", "call_1", "", R"({"city": "Paris"})", "Sunny"}));
}

TEST(Versions, PydanticAi1EventListNamesToolCallsById) {
  const LlmView call = View({
      {"gen_ai.operation.name", "chat"},
      {"model_request_parameters",
       R"({"function_tools": [{"name": "get_weather", "description": "w", "parameters_json_schema": {"type": "object"}}]})"},
      {"events",
       R"([{"event.name": "gen_ai.system.message", "role": "system", "content": "Be careful."},
           {"event.name": "gen_ai.user.message", "role": "user", "content": "Weather?"},
           {"event.name": "gen_ai.tool.message", "role": "tool", "id": "call_4", "name": "get_weather", "content": "Sunny"},
           {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "Sunny in Paris."}}])"},
  });
  std::vector<Message> asked = kAsked;
  asked.push_back(Said("tool", "Sunny"));
  asked.back().name = "get_weather";
  asked.back().tool_call_id = "call_4";
  EXPECT_EQ(call.llm->input_messages, asked);
  EXPECT_EQ(call.llm->output_messages, std::vector<Message>{Said("assistant", "Sunny in Paris.")});
  EXPECT_EQ(call.llm->tools, (std::vector<model::ToolDefinition>{{"get_weather", "w", R"({"type":"object"})"}}));
}

// pydantic-ai 2: a run tells the sum of its calls under a name of its own.
TEST(Versions, PydanticAi2AggregatedUsageIsThatOfARun) {
  const LlmView run = View({{"gen_ai.operation.name", "invoke_agent"},
                            {"gen_ai.aggregated_usage.input_tokens", std::int64_t{3102}},
                            {"gen_ai.aggregated_usage.output_tokens", std::int64_t{309}},
                            {"gen_ai.aggregated_usage.cache_read.input_tokens", std::int64_t{1540}},
                            {"gen_ai.aggregated_usage.details.reasoning_tokens", std::int64_t{120}}});
  EXPECT_EQ(run.kind, ObservationKind::kAgent);
  EXPECT_EQ(run.tokens, (model::TokenUsage{.prompt = 3102,
                                           .completion = 309,
                                           .total = 3411,
                                           .cache_read = 1540,
                                           .reasoning = 120,
                                           .rule = "gen_ai.aggregated_usage +total"}));
}

// Logfire 3 and 5: the request's span, without an answer, and a span of the answer beside it.
TEST(Versions, LogfireStreamsAreOneCallInTwoSpans) {
  const Attributes request = {
      {"logfire.span_type", "span"},
      {"gen_ai.request.model", "gpt-4o"},
      {"request_data",
       R"({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "Weather?"}]})"}};
  const LlmView asked = View(request);
  EXPECT_EQ(asked.kind, ObservationKind::kChain);
  EXPECT_EQ(asked.llm->input_messages, std::vector<Message>{Said("user", "Weather?")});
  EXPECT_EQ(asked.tokens, std::nullopt);

  Attributes answer = request;
  answer[0].value = "log";
  answer.push_back(
      {"response_data",
       R"({"message": {"role": "assistant", "content": "Sunny."}, "usage": {"prompt_tokens": 1013, "completion_tokens": 113, "total_tokens": 1126, "prompt_tokens_details": {"cached_tokens": 500}}})"});
  const LlmView answered = View(answer);
  EXPECT_EQ(answered.kind, ObservationKind::kLlm);
  EXPECT_EQ(answered.llm->output_messages, std::vector<Message>{Said("assistant", "Sunny.")});
  EXPECT_EQ(answered.tokens,
            (model::TokenUsage{
                .prompt = 1013, .completion = 113, .total = 1126, .cache_read = 500, .rule = "logfire.response_data"}));
  // A stream that failed has no second span.
  EXPECT_EQ(View(request, {}, {.status = model::StatusCode::kError}).kind, ObservationKind::kLlm);
}

TEST(Versions, Logfire3ResponsesAreEvents) {
  const LlmView view =
      View({{"logfire.span_type", "span"},
            {"gen_ai.request.model", "gpt-4o"},
            {"events", R"([{"event.name":"gen_ai.system.message","content":"Be careful.","role":"system"},
                                            {"event.name":"gen_ai.user.message","content":"Weather?","role":"user"},
                                            {"event.name":"gen_ai.assistant.message","content":"Sunny.","role":"assistant"}])"}});
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->input_messages, kAsked);
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>{Said("assistant", "Sunny.")});
}

TEST(Versions, LogfireEmbeddings) {
  const LlmView view = View({{"logfire.span_type", "span"},
                             {"gen_ai.request.model", "text-embedding-3-small"},
                             {"request_data", R"({"input": ["hi"], "model": "text-embedding-3-small"})"},
                             {"response_data", R"({"usage": {"prompt_tokens": 51, "total_tokens": 51}})"}});
  EXPECT_EQ(view.kind, ObservationKind::kEmbedding);
  EXPECT_EQ(view.embedding, (model::Embedding{"text-embedding-3-small", {"hi"}}));
  EXPECT_EQ(view.tokens->prompt, 51u);
}

// LangSmith 0.4 sends its JSON as bytes; what is no text stays base64.
TEST(Versions, LangSmith04SendsBytes) {
  const LlmView view = View({
      {"langsmith.span.kind", "llm"},
      {"gen_ai.operation.name", "chat"},
      {"gen_ai.prompt", model::Bytes{R"({"messages":[{"role":"user","content":"Weather?"}],"model":"gpt-4o"})"}},
      {"gen_ai.completion",
       model::Bytes{R"({"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"Sunny."}}]})"}},
  });
  EXPECT_EQ(view.llm->input_messages, std::vector<Message>{Said("user", "Weather?")});
  EXPECT_EQ(view.llm->output_messages.at(0).content, std::vector<Part>{TextPart("Sunny.")});
  EXPECT_EQ(View({{"input.value", model::Bytes{"\xff\xfe"}}}).input->value, "//4=");
}

TEST(Versions, LangSmithToolsAndRetrieversAreNamedByTheirSpan) {
  EXPECT_EQ(View({{"langsmith.span.kind", "tool"}, {"gen_ai.prompt", R"({"city":"Paris"})"}}).tool->name, "a span");
  const LlmView docs =
      View({{"langsmith.span.kind", "retriever"},
            {"gen_ai.completion", R"({"output":[{"page_content":"Doc","metadata":{"source":"a"}}]})"}});
  EXPECT_EQ(docs.retrieval->documents,
            (std::vector<model::Document>{{.content = "Doc", .metadata = R"({"source":"a"})"}}));
}

// OpenLLMetry's instrumentation of Anthropic 0.33: content blocks as JSON text, and zeros where a stream's helper told
// it nothing.
TEST(Versions, OpenLlmetry033ContentBlocksAndZeros) {
  const Attributes call = {{"llm.request.type", "completion"}, {"gen_ai.system", "Anthropic"}};
  Attributes loop = call;
  loop.insert(
      loop.end(),
      {{"gen_ai.prompt.0.role", "assistant"},
       {"gen_ai.prompt.0.content",
        R"([{"id": "toolu_32", "input": {"city": "Paris"}, "name": "get_weather", "type": "tool_use"}])"},
       {"gen_ai.prompt.1.role", "user"},
       {"gen_ai.prompt.1.content", R"([{"type": "tool_result", "tool_use_id": "toolu_32", "content": "Sunny"}])"}});
  EXPECT_EQ(
      View(loop).llm->input_messages,
      (std::vector<Message>{
          Called("toolu_32", R"({"city":"Paris"})"),
          {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = "toolu_32", .result = "Sunny"}}}}));
  // Other JSON is what somebody said.
  Attributes said = call;
  said.insert(said.end(), {{"gen_ai.prompt.0.role", "user"}, {"gen_ai.prompt.0.content", R"([{"type": "text"}])"}});
  EXPECT_EQ(View(said).llm->input_messages, std::vector<Message>{Said("user", R"([{"type": "text"}])")});

  Attributes zeros = call;
  for (const char* key : {"gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens", "llm.usage.total_tokens",
                          "gen_ai.usage.cache_read_input_tokens"})
    zeros.push_back({key, std::int64_t{0}});
  EXPECT_EQ(View(zeros).tokens, std::nullopt);
}

TEST(Versions, OpenLlmetryTaskInputAndOutput) {
  const LlmView view = View({{"traceloop.span.kind", "task"},
                             {"gen_ai.task.input", R"({"inputs": "Where?"})"},
                             {"gen_ai.task.output", R"({"outputs": "There."})"}});
  EXPECT_EQ(view.input->value, R"({"inputs": "Where?"})");
  EXPECT_EQ(view.output->value, R"({"outputs": "There."})");
}

// OpenLIT 1.35: one text for all messages, tool calls in keys of their own, and usage of every stream is its own count.
TEST(Versions, OpenLit135) {
  Attributes call = {{"gen_ai.operation.name", "chat"},
                     {"gen_ai.sdk.version", "1.109.1"},
                     {"gen_ai.request.is_stream", true},
                     {"gen_ai.prompt", "system: Be careful.\nuser: Weather?"},
                     {"gen_ai.tool.name", "get_weather"},
                     {"gen_ai.tool.call.id", "call_90"},
                     {"gen_ai.tool.args", R"({"city": "Paris"})"},
                     {"gen_ai.usage.input_tokens", std::int64_t{9}},
                     {"gen_ai.usage.output_tokens", std::int64_t{1}}};
  const LlmView view = View(call);
  EXPECT_EQ(view.llm->input_messages, kAsked);
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>{Called("call_90", R"({"city": "Paris"})")});
  EXPECT_TRUE(view.tokens->estimated);
  // The same in events; a line that names no role goes on.
  const LlmView events =
      View({{"gen_ai.operation.name", "chat"}, {"telemetry.sdk.name", "openlit"}},
           {{.name = "gen_ai.content.prompt", .attributes = {{"gen_ai.prompt", "user: One\nand two: three\ntool: 4"}}},
            {.name = "gen_ai.content.completion", .attributes = {{"gen_ai.completion", "Five."}}}});
  EXPECT_EQ(events.llm->input_messages, (std::vector<Message>{Said("user", "One\nand two: three"), Said("tool", "4")}));
  EXPECT_EQ(events.llm->output_messages, std::vector<Message>{Said("assistant", "Five.")});
}

TEST(Versions, SmolagentsRolesAndToolSchemas) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.input_messages.0.message.role", "tool-call"},
                             {"llm.input_messages.0.message.content", "Calling tools: …"},
                             {"llm.input_messages.1.message.role", "tool-response"},
                             {"llm.input_messages.1.message.content", "Observation: Sunny"}});
  EXPECT_EQ(view.llm->input_messages,
            (std::vector<Message>{Said("assistant", "Calling tools: …"), Said("user", "Observation: Sunny")}));
  const LlmView tool = View({{"openinference.span.kind", "TOOL"},
                             {"input.value", R"({"kwargs": {"city": "Paris"}})"},
                             {"tool.parameters", R"({"city": {"type": "string", "description": "the city"}})"}});
  EXPECT_EQ(tool.tool->arguments, R"({"kwargs": {"city": "Paris"}})");
}

// OpenInference's exporter for Vercel's SDK 6: empty announcements of calls, JSON in JSON, and cached tokens that only
// the SDK's own keys have.
TEST(Versions, OpenInferenceVercel) {
  const std::string output = "llm.output_messages.0.message.";
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"ai.operationId", "ai.generateText.doGenerate"},
                             {"llm.token_count.prompt", std::int64_t{1046}},
                             {"llm.token_count.completion", std::int64_t{146}},
                             {"ai.usage.inputTokens", std::int64_t{1046}},
                             {"ai.usage.outputTokens", std::int64_t{146}},
                             {"ai.usage.cachedInputTokens", std::int64_t{500}},
                             {"ai.usage.reasoningTokens", std::int64_t{40}},
                             {"llm.input_messages.0.message.role", "tool"},
                             {"llm.input_messages.0.message.tool_call_id", "call_46"},
                             {"llm.input_messages.0.message.content", R"({"type":"text","value":"Sunny"})"},
                             {output + "role", "assistant"},
                             {output + "contents.0.message_content.type", "tool-call"},
                             {output + "tool_calls.0.tool_call.id", "call_46"},
                             {output + "tool_calls.0.tool_call.function.name", "get_weather"},
                             {output + "tool_calls.0.tool_call.function.arguments", R"("{\"city\": \"Paris\"}")"}});
  EXPECT_EQ(view.llm->input_messages,
            (std::vector<Message>{{.role = "tool", .tool_call_id = "call_46", .content = {TextPart("Sunny")}}}));
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>{Called("call_46", R"({"city":"Paris"})")});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1046,
                                            .completion = 146,
                                            .total = 1192,
                                            .cache_read = 500,
                                            .reasoning = 40,
                                            .rule = "openinference.token_count +total"}));
  EXPECT_EQ(view.origins.at("tokens.cache_read"), "vercel_ai: ai.usage.cachedInputTokens");
  // Details of other counts are another call's, or a sum.
  EXPECT_EQ(View({{"openinference.span.kind", "LLM"},
                  {"llm.token_count.prompt", std::int64_t{1046}},
                  {"llm.token_count.completion", std::int64_t{146}},
                  {"ai.usage.inputTokens", std::int64_t{3000}},
                  {"ai.usage.outputTokens", std::int64_t{146}},
                  {"ai.usage.cachedInputTokens", std::int64_t{500}}})
                .tokens->cache_read,
            std::nullopt);
}

// OpenAI's agents by OpenInference 1.x: the answer as one text and in parts.
TEST(Versions, OpenInferenceContentTwice) {
  const std::string output = "llm.output_messages.0.message.";
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {output + "role", "assistant"},
                             {output + "content", "Sunny in Paris."},
                             {output + "contents.0.message_content.type", "text"},
                             {output + "contents.0.message_content.text", "Sunny in Paris."}});
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>{Said("assistant", "Sunny in Paris.")});
}

// LlamaIndex's complete(): the prompt as a prompt, the answer as the span's output.
TEST(Versions, TextInAndOutOfACallIsItsConversation) {
  const LlmView complete = View({{"openinference.span.kind", "LLM"},
                                 {"llm.prompts.0", "Weather?"},
                                 {"input.value", R"({"args": ["Weather?"]})"},
                                 {"output.value", "Sunny in Paris."}});
  EXPECT_EQ(complete.llm->input_messages, std::vector<Message>{Said("user", "Weather?")});
  EXPECT_EQ(complete.llm->output_messages, std::vector<Message>{Said("assistant", "Sunny in Paris.")});
  EXPECT_EQ(View({{"openinference.span.kind", "CHAIN"}, {"input.value", "Weather?"}}).llm, std::nullopt);
}

TEST(Versions, CrewAiTellsItsCallsInTheOutputOfAnAgent) {
  const LlmView view = View({
      {"openinference.span.kind", "AGENT"},
      {"output.value",
       R"({"raw": "There.", "messages": [{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Weather?"}, {"role": "assistant", "content": "There."}]})"},
  });
  EXPECT_EQ(view.kind, ObservationKind::kAgent);
  EXPECT_EQ(view.llm->input_messages, kAsked);
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>{Said("assistant", "There.")});
}

TEST(Versions, VercelAi7StepsAndToolResults) {
  EXPECT_EQ(View({{"gen_ai.operation.name", "agent_step"}}).kind, ObservationKind::kChain);
  EXPECT_EQ(View({{"gen_ai.operation.name", "execute_tool"},
                  {"gen_ai.tool.name", "get_weather"},
                  {"gen_ai.tool.call.result", "\"Sunny\""}})
                .tool->result,
            "Sunny");
}

TEST(Versions, StrandsCyclesAndCacheWrites) {
  EXPECT_EQ(View({{"gen_ai.operation.name", "execute_event_loop_cycle"}}).kind, ObservationKind::kChain);
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"},
                  {"gen_ai.usage.input_tokens", std::int64_t{1000}},
                  {"gen_ai.usage.cache_write_input_tokens", std::int64_t{20}}})
                .tokens->cache_write,
            20u);
}

// Google's ADK 1.15: Gemini's tools are lists of functions, and thoughts are counted apart from candidates.
TEST(Versions, GoogleAdk115) {
  const LlmView view = View({
      {"gen_ai.request.model", "gemini-2.5-flash"},
      {"gcp.vertex.agent.llm_request",
       R"({"model": "gemini-2.5-flash", "config": {"tools": [{"function_declarations": [{"name": "get_weather", "description": "w", "parameters": {"type": "OBJECT"}}]}]}, "contents": [{"role": "user", "parts": [{"text": "Weather?"}]}]})"},
      {"gcp.vertex.agent.llm_response",
       R"({"content": {"role": "model", "parts": [{"text": "Sunny."}]}, "usage_metadata": {"prompt_token_count": 1017, "candidates_token_count": 103, "thoughts_token_count": 41, "total_token_count": 1161}})"},
      {"gen_ai.usage.input_tokens", std::int64_t{1017}},
      {"gen_ai.usage.output_tokens", std::int64_t{103}},
  });
  EXPECT_EQ(view.llm->tools, (std::vector<model::ToolDefinition>{{"get_weather", "w", R"({"type":"OBJECT"})"}}));
  EXPECT_EQ(
      view.tokens,
      (model::TokenUsage{
          .prompt = 1017, .completion = 144, .total = 1161, .reasoning = 41, .rule = "gcp.vertex.agent.llm_response"}));
}

TEST(Versions, LangfuseErrorsWithoutAnException) {
  const Attributes failed = {{"langfuse.observation.type", "generation"},
                             {"langfuse.observation.level", "ERROR"},
                             {"langfuse.observation.status_message", "server exploded"}};
  EXPECT_EQ(View(failed).exception, (model::Exception{.message = "server exploded"}));
  Attributes warned = failed;
  warned[1].value = "WARNING";
  EXPECT_EQ(View(warned).exception, std::nullopt);
}

TEST(Versions, LitellmCostsInParts) {
  const LlmView view = View({{"litellm.call_id", "1"},
                             {"gen_ai.operation.name", "chat"},
                             {"gen_ai.cost.total_cost", 0.5},
                             {"gen_ai.cost.cache_read_cost", 0.125},
                             {"gen_ai.cost.reasoning_cost", 0.25}});
  EXPECT_EQ(view.cost, (model::ReportedCost{
                           .total_usd = 0.5,
                           .details = {{"prompt_details.cache_read", 0.125}, {"completion_details.reasoning", 0.25}}}));
}

// Of 0.1.18: instructions among the settings, results of tools in messages of the user.
TEST(Versions, OpenInferenceAnthropic01) {
  const LlmView call = View({{"openinference.span.kind", "LLM"},
                             {"llm.invocation_parameters", R"({"system": "Be careful.", "max_tokens": 100})"},
                             {"llm.input_messages.0.message.role", "user"},
                             {"llm.input_messages.0.message.content", "Weather?"},
                             {"llm.input_messages.1.message.role", "user"},
                             {"llm.input_messages.1.message.tool_call_id", "toolu_17"},
                             {"llm.input_messages.1.message.content", "Sunny"}});
  std::vector<Message> asked = kAsked;
  asked.push_back(Said("tool", "Sunny"));
  asked.back().tool_call_id = "toolu_17";
  EXPECT_EQ(call.llm->input_messages, asked);
}

// LangChain's of 0.1.43 and LiteLLM's of 0.1.20 name no finish reason and no provider.
TEST(Versions, OpenInferenceLangChainAndLitellm01) {
  const LlmView chain = View(
      {{"openinference.span.kind", "LLM"},
       {"llm.model_name", "gpt-4o"},
       {"output.value",
        R"({"generations": [[{"text": "Sunny.", "generation_info": {"finish_reason": "length", "logprobs": null}}]]})"}});
  EXPECT_EQ(chain.llm->finish_reasons, std::vector<std::string>{"length"});
  const LlmView lite = View({{"openinference.span.kind", "LLM"}, {"llm.model_name", "openai/gpt-4o"}}, {},
                            {.scope = "openinference.instrumentation.litellm"});
  EXPECT_EQ(lite.llm->model, "gpt-4o");
  EXPECT_EQ(lite.llm->provider, "openai");
}

// 1000 + 103 + 41 are the total: the thoughts are not in the candidates.
TEST(Versions, GeminisThoughtsBesideTheCompletion) {
  const LlmView call = View({{"gen_ai.operation.name", "generate_content"},
                             {"gen_ai.usage.input_tokens", std::int64_t{1000}},
                             {"gen_ai.usage.output_tokens", std::int64_t{103}},
                             {"gen_ai.usage.reasoning_tokens", std::int64_t{41}},
                             {"gen_ai.usage.total_tokens", std::int64_t{1144}}});
  EXPECT_EQ(call.tokens->completion, 144U);
  EXPECT_EQ(call.tokens->total, 1144U);
  EXPECT_EQ(call.tokens->rule, "gen_ai.usage +reasoning");
}

TEST(Versions, HaystackEmbedders) {
  const LlmView view = View({{"openinference.span.kind", "EMBEDDING"},
                             {"embedding.model_name", "text-embedding-3-small"},
                             {"output.value", R"({"meta": {"usage": {"prompt_tokens": 51, "total_tokens": 51}}})"}});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 51, .total = 51, .rule = "openinference.token_count"}));
}

// OPENINFERENCE_HIDE_INPUTS and its like, and LangSmith's copies of the environment.
TEST(Versions, WhatIsMaskedIsNoContent) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"input.value", "__REDACTED__"},
                             {"output.value", "There."},
                             {"llm.input_messages.0.message.role", "user"},
                             {"llm.input_messages.0.message.content", "__REDACTED__"}});
  EXPECT_EQ(view.input, std::nullopt);
  EXPECT_EQ(view.llm->input_messages, std::vector<Message>{Said("user", "__REDACTED__")});
  EXPECT_EQ(view.notes, std::vector<std::string>{"input.value is masked by its sender"});
  EXPECT_EQ(View({{"langsmith.span.kind", "chain"},
                  {"langsmith.metadata.LANGSMITH_ENDPOINT", "https://internal.example"},
                  {"langsmith.metadata.LANGSMITH_PROJECT", "p"},
                  {"langsmith.metadata.plan", "pro"}})
                .metadata,
            R"({"plan":"pro"})");
}

TEST(KnownKeys, AreThoseThatRulesReadAndThoseSetAside) {
  for (const char* key :
       {"gen_ai.usage.input_tokens", "gen_ai.prompt.0.content", "gen_ai.aggregated_usage.input_tokens",
        "gen_ai.aggregated_usage.details.audio_tokens", "logfire.msg", "litellm.call_id", "lmnr.span.path",
        "gen_ai.cost.margin_percent", "langfuse.observation.level"})
    EXPECT_TRUE(IsKnown(key)) << key;
  for (const char* key : {"gen_ai.frobnication", "llm.mood", "langfuse.oddity", "logfire.msgs", "gen_ai.toolbox"})
    EXPECT_FALSE(IsKnown(key)) << key;
}

}  // namespace
}  // namespace nightjar::semconv
