// One call as each library writes it. Literals are from recordings, or from the library's documents where none exists.
#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

const std::vector<Message> kQuestion = {{.role = "system", .content = {TextPart("Be careful.")}},
                                        {.role = "user", .content = {TextPart("Where?")}}};

TEST(Langfuse, GenerationWithTheProvidersUsage) {
  const Attributes generation = {
      {"langfuse.observation.type", "generation"},
      {"langfuse.observation.input",
       R"({"tools": [{"type": "function", "function": {"name": "now"}}], "messages": [{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Where?"}]})"},
      {"langfuse.observation.output",
       R"({"role": "assistant", "tool_calls": [{"id": "call_1", "function": {"arguments": "{}", "name": "now"}, "type": "function"}], "content": null})"},
      {"langfuse.observation.model.name", "gpt-4o-2024-08-06"},
      {"langfuse.observation.usage_details",
       R"({"completion_tokens": 112, "prompt_tokens": 1068, "total_tokens": 1180, "completion_tokens_details": {"reasoning_tokens": 44}, "prompt_tokens_details": {"cached_tokens": 516}})"},
      {"langfuse.observation.completion_start_time", "\"2001-09-08T20:46:40.250-05:00\""},
      {"langfuse.observation.metadata.finish_reason", "\"tool_calls\""},
      {"session.id", "sess-42"},
      {"langfuse.trace.tags", Array{"fixture"}},
  };
  const LlmView view = View(generation, {}, {.start_unix_ns = 1'000'000'000'000'000'000});
  EXPECT_EQ(view.dialect, "langfuse");
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->provider, "openai");
  EXPECT_EQ(view.llm->model, "gpt-4o-2024-08-06");
  EXPECT_EQ(view.llm->input_messages, kQuestion);
  EXPECT_EQ(view.llm->tools, (std::vector<model::ToolDefinition>{{"now", "", ""}}));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{
                {.role = "assistant",
                 .content = {{.type = Part::Type::kToolCall, .id = "call_1", .name = "now", .arguments = "{}"}}}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool_calls"});
  EXPECT_EQ(view.llm->time_to_first_token_ns, 250'000'000u);
  EXPECT_EQ(view.session_id, "sess-42");
  EXPECT_EQ(view.tags, std::vector<std::string>{"fixture"});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1068,
                                            .completion = 112,
                                            .total = 1180,
                                            .cache_read = 516,
                                            .reasoning = 44,
                                            .rule = "langfuse.usage_details"}));
}

// Its own buckets exclude each other.
TEST(Langfuse, Buckets) {
  const LlmView view = View({{"langfuse.observation.type", "generation"},
                             {"langfuse.observation.usage_details",
                              R"({"input": 11, "input_cached_tokens": 3, "output": 5, "output_reasoning_tokens": 2})"},
                             {"langfuse.observation.output", "plain text"}});
  EXPECT_EQ(view.tokens->prompt, 14u);
  EXPECT_EQ(view.tokens->completion, 7u);
  EXPECT_EQ(view.tokens->cache_read, 3u);
  EXPECT_EQ(view.tokens->reasoning, 2u);
  EXPECT_EQ(view.llm->output_messages, OnlySaid("assistant", "plain text"));
}

TEST(VercelAi, StepWithToolCall) {
  const LlmView view = View({
      {"ai.operationId", "ai.streamText.doStream"},
      {"ai.model.provider", "openai.chat"},
      {"ai.model.id", "gpt-4o"},
      {"ai.settings.maxRetries", std::int64_t{2}},
      {"ai.telemetry.metadata.sessionId", "sess-42"},
      {"ai.telemetry.metadata.userId", "user-7"},
      {"ai.telemetry.metadata.tags", Array{"fixture"}},
      {"ai.prompt.messages",
       R"([{"role":"system","content":"Be careful."},{"role":"user","content":[{"type":"text","text":"Where?"}]},
           {"role":"tool","content":[{"type":"tool-result","toolCallId":"call_0","toolName":"now","output":{"type":"text","value":"12:00"}}]}])"},
      {"ai.prompt.tools", Array{R"({"type":"function","name":"now","inputSchema":{"type":"object"}})"}},
      {"ai.response.text", "Let me see."},
      {"ai.response.toolCalls", R"([{"toolCallId":"call_1","toolName":"now","input":"{}"}])"},
      {"ai.response.finishReason", "tool-calls"},
      {"ai.response.model", "gpt-4o-2024-08-06"},
      {"ai.response.msToFirstChunk", 19.5},
      {"ai.response.providerMetadata", R"({"openai":{"cachedPromptTokens":514,"reasoningTokens":42}})"},
      {"ai.usage.promptTokens", std::int64_t{1034}},
      {"ai.usage.completionTokens", std::int64_t{106}},
      {"gen_ai.request.temperature", 0.2},
      {"gen_ai.usage.input_tokens", std::int64_t{1034}},
  });
  EXPECT_EQ(view.dialect, "vercel_ai");
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->provider, "openai");
  EXPECT_EQ(view.llm->request_model, "gpt-4o");
  EXPECT_EQ(view.llm->input_messages.at(1), kQuestion[1]);
  EXPECT_EQ(view.llm->input_messages.at(2).content,
            (std::vector<Part>{{.type = Part::Type::kToolResult, .id = "call_0", .result = "12:00"}}));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{
                {.role = "assistant",
                 .content = {TextPart("Let me see."),
                             {.type = Part::Type::kToolCall, .id = "call_1", .name = "now", .arguments = "{}"}}}}));
  EXPECT_EQ(view.llm->tools, (std::vector<model::ToolDefinition>{{"now", "", R"({"type":"object"})"}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool-calls"});
  EXPECT_EQ(view.llm->time_to_first_token_ns, 19'500'000u);
  EXPECT_EQ(view.llm->invocation_parameters, R"({"maxRetries":2,"temperature":0.2})");
  EXPECT_EQ(view.session_id, "sess-42");
  EXPECT_EQ(view.user_id, "user-7");
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1034,
                                            .completion = 106,
                                            .total = 1140,
                                            .cache_read = 514,
                                            .reasoning = 42,
                                            .rule = "ai.usage +total"}));
  EXPECT_EQ(view.origins.at("tokens.cache_read"), "vercel_ai: ai.response.providerMetadata.openai.cachedPromptTokens");
  EXPECT_EQ(view.origins.at("llm.output_messages"), "vercel_ai: derived");
  EXPECT_EQ(view.origins.at("kind"), "vercel_ai: ai.operationId");
}

TEST(VercelAi, OuterSpanToolAndMissingUsage) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const LlmView outer = View({{"ai.operationId", "ai.generateText"},
                              {"ai.prompt", R"({"system":"Be careful.","prompt":"Where?"})"},
                              {"ai.usage.promptTokens", nan},
                              {"ai.usage.completionTokens", nan}});
  EXPECT_EQ(outer.kind, ObservationKind::kAgent);
  EXPECT_EQ(outer.llm->input_messages, kQuestion);
  EXPECT_EQ(outer.tokens, std::nullopt);
  const LlmView tool = View({{"ai.operationId", "ai.toolCall"},
                             {"ai.toolCall.name", "now"},
                             {"ai.toolCall.id", "call_1"},
                             {"ai.toolCall.args", "{}"},
                             {"ai.toolCall.result", R"("[{\"id\":1}]")"}});
  EXPECT_EQ(tool.tool, (model::ToolUse{"now", "call_1", "", "{}", R"([{"id":1}])"}));
}

TEST(Mlflow, EveryAttributeIsJsonText) {
  const LlmView view = View({
      {"mlflow.spanType", "\"CHAT_MODEL\""},
      {"mlflow.spanInputs",
       R"({"model": "gpt-4o", "messages": [{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Where?"}], "temperature": 0.2})"},
      {"mlflow.spanOutputs",
       R"({"id": "chatcmpl-1", "choices": [{"finish_reason": "stop", "message": {"content": "There.", "role": "assistant"}}], "model": "gpt-4o-2024-08-06", "usage": {"completion_tokens_details": {"reasoning_tokens": 41}}})"},
      {"mlflow.llm.model", "\"gpt-4o-2024-08-06\""},
      {"mlflow.message.format", "\"openai\""},
      {"mlflow.chat.tokenUsage",
       R"({"input_tokens": 1017, "output_tokens": 103, "total_tokens": 1120, "cache_read_input_tokens": 513})"},
  });
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->provider, "openai");
  EXPECT_EQ(view.llm->request_model, "gpt-4o");
  EXPECT_EQ(view.llm->response_id, "chatcmpl-1");
  EXPECT_EQ(view.llm->invocation_parameters, R"({"temperature":0.2})");
  EXPECT_EQ(view.llm->input_messages, kQuestion);
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .finish_reason = "stop", .content = {TextPart("There.")}}}));
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1017,
                                            .completion = 103,
                                            .total = 1120,
                                            .cache_read = 513,
                                            .reasoning = 41,
                                            .rule = "mlflow.chat.tokenUsage"}));
}

TEST(LangSmith, WholeBodiesAndPythonDetails) {
  const LlmView view = View({
      {"langsmith.span.kind", "llm"},
      {"langsmith.metadata.session_id", "sess-42"},
      {"gen_ai.operation.name", "chat"},
      {"gen_ai.system", "openai"},
      {"gen_ai.prompt",
       R"({"model": "gpt-4o", "input": [{"role": "user", "content": "Where?"}], "instructions": "Be careful."})"},
      {"gen_ai.completion",
       R"({"id": "resp_1", "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "There."}]}]})"},
      {"gen_ai.usage.input_tokens", std::int64_t{1017}},
      {"gen_ai.usage.output_tokens", std::int64_t{103}},
      {"gen_ai.usage.input_token_details", "{'audio': 0, 'cache_read': 513}"},
      {"gen_ai.usage.output_token_details", "{'audio': 0, 'reasoning': 41}"},
  });
  EXPECT_EQ(view.llm->input_messages, kQuestion);
  EXPECT_EQ(view.llm->output_messages, OnlySaid("assistant", "There."));
  EXPECT_EQ(view.session_id, "sess-42");
  EXPECT_EQ(view.tokens->cache_read, 513u);
  EXPECT_EQ(view.tokens->reasoning, 41u);
  EXPECT_EQ(view.notes,
            (std::vector<std::string>{"gen_ai.usage.input_token_details is written as Python, not as JSON",
                                      "gen_ai.usage.output_token_details is written as Python, not as JSON"}));
}

TEST(Laminar, InstructionsAreOnlyInTheFlattenedMessages) {
  const LlmView view = View({{"lmnr.span.type", "LLM"},
                             {"lmnr.association.properties.session_id", "sess-42"},
                             {"gen_ai.system", "openai"},
                             {"gen_ai.request.model", "gpt-4.1"},
                             {"gen_ai.input.messages", R"([{"role":"user","content":"Where?"}])"},
                             {"gen_ai.prompt.0.role", "system"},
                             {"gen_ai.prompt.0.content", "Be careful."},
                             {"gen_ai.usage.input_tokens", std::int64_t{17}}});
  EXPECT_EQ(view.dialect, "laminar");
  EXPECT_EQ(view.llm->input_messages, kQuestion);
  EXPECT_EQ(view.session_id, "sess-42");
  EXPECT_EQ(View({{"lmnr.span.type", "LLM"}, {"gen_ai.request.model", "text-embedding-3-small"}}).kind,
            ObservationKind::kEmbedding);
}

TEST(OpenLlmetry, AssociationEntityAndTool) {
  const LlmView tool = View({{"traceloop.span.kind", "tool"},
                             {"traceloop.entity.name", "search_docs"},
                             {"traceloop.entity.input", R"({"kwargs": {"k": 2}})"},
                             {"traceloop.entity.output", R"("[]")"},
                             {"traceloop.association.properties.session_id", "sess-42"},
                             {"traceloop.association.properties.user_id", "user-7"}});
  EXPECT_EQ(tool.dialect, "openllmetry");
  EXPECT_EQ(tool.tool, (model::ToolUse{"search_docs", "", "", R"({"kwargs": {"k": 2}})", "[]"}));
  EXPECT_EQ(tool.session_id, "sess-42");
  EXPECT_EQ(tool.user_id, "user-7");
  EXPECT_EQ(tool.metadata, R"({"session_id":"sess-42","user_id":"user-7"})");

  const LlmView chat = View({{"llm.request.type", "chat"},
                             {"llm.frequency_penalty", 0.1},
                             {"gen_ai.request.temperature", 0.2},
                             {"llm.request.functions.0.name", "now"},
                             {"llm.request.functions.0.parameters", R"({"type": "object"})"},
                             {"gen_ai.usage.prompt_tokens", std::int64_t{17}},
                             {"llm.usage.total_tokens", std::int64_t{20}}});
  EXPECT_EQ(chat.kind, ObservationKind::kLlm);
  EXPECT_EQ(chat.llm->invocation_parameters, R"({"frequency_penalty":0.1,"temperature":0.2})");
  EXPECT_EQ(chat.llm->tools, (std::vector<model::ToolDefinition>{{"now", "", R"({"type": "object"})"}}));
  EXPECT_EQ(chat.tokens->prompt, 17u);
  EXPECT_EQ(chat.tokens->total, 20u);

  const LlmView found = View({{"traceloop.span.kind", "task"}},
                             {{.name = "db.query.result",
                               .attributes = {{"db.query.result.id", "d1"}, {"db.query.result.document", "Text"}}}});
  EXPECT_EQ(found.retrieval->documents, (std::vector<model::Document>{{.id = "d1", .content = "Text"}}));
}

TEST(PydanticAi, RunSpanAndEventList) {
  const LlmView run =
      View({{"gen_ai.operation.name", "invoke_agent"},
            {"gen_ai.agent.name", "bird_agent"},
            {"model_name", "gpt-4o"},
            {"pydantic_ai.all_messages", R"([{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}])"},
            {"final_result", "There."}});
  EXPECT_EQ(run.kind, ObservationKind::kAgent);
  EXPECT_EQ(run.agent_name, "bird_agent");
  EXPECT_EQ(run.llm->input_messages, OnlySaid("user", "Where?"));
  EXPECT_EQ(run.output->value, "There.");

  const LlmView first = View({{"gen_ai.operation.name", "chat"},
                              {"model_request_parameters", "{}"},
                              {"events", R"([{"event.name": "gen_ai.user.message", "content": "Where?", "role": "user"},
                                 {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "There."}}])"}});
  EXPECT_EQ(first.llm->input_messages, OnlySaid("user", "Where?"));
  EXPECT_EQ(first.llm->output_messages, OnlySaid("assistant", "There."));
}

TEST(Logfire, RequestAndResponseData) {
  const LlmView view =
      View({{"request_data", R"({"model": "gpt-4o", "messages": [{"role": "user", "content": "Where?"}]})"},
            {"response_data", R"({"message": {"role": "assistant", "content": "There."}})"},
            {"gen_ai.operation.name", "chat"},
            {"gen_ai.usage.input_tokens", std::int64_t{17}},
            {"gen_ai.usage.raw", R"({"prompt_tokens": 17, "prompt_tokens_details": {"cached_tokens": 5}})"}});
  EXPECT_EQ(view.dialect, "logfire");
  EXPECT_EQ(view.llm->request_model, "gpt-4o");
  EXPECT_EQ(view.llm->input_messages, OnlySaid("user", "Where?"));
  EXPECT_EQ(view.llm->output_messages, OnlySaid("assistant", "There."));
  EXPECT_EQ(view.tokens->cache_read, 5u);
}

// Gemini counts thoughts apart.
TEST(GoogleAdk, RequestAndResponse) {
  const LlmView view = View({
      {"gen_ai.operation.name", "call_llm"},
      {"gcp.vertex.agent.session_id", "sess-42"},
      {"gcp.vertex.agent.llm_request",
       R"({"model": "gemini-2.5-flash", "config": {"system_instruction": "Be careful.", "temperature": 0.2}, "contents": [{"role": "user", "parts": [{"text": "Where?"}]}]})"},
      {"gcp.vertex.agent.llm_response",
       R"({"content": {"role": "model", "parts": [{"text": "There."}]}, "finish_reason": "STOP", "usage_metadata": {"prompt_token_count": 1017, "candidates_token_count": 103, "thoughts_token_count": 41, "cached_content_token_count": 513, "total_token_count": 1161}})"},
  });
  EXPECT_EQ(view.dialect, "google_adk");
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->provider, "google");
  EXPECT_EQ(view.llm->input_messages, kQuestion);
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .finish_reason = "STOP", .content = {TextPart("There.")}}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"stop"});
  EXPECT_EQ(view.tokens->completion, 144u);
  EXPECT_EQ(view.tokens->reasoning, 41u);
  EXPECT_EQ(view.tokens->cache_read, 513u);
  EXPECT_EQ(view.session_id, "sess-42");
}

TEST(Genkit, Model) {
  const LlmView view = View({
      {"genkit:type", "action"},
      {"genkit:metadata:subtype", "model"},
      {"genkit:name", "googleai/gemini-2.5-flash"},
      {"genkit:input", R"({"messages": [{"role": "user", "content": [{"text": "Where?"}]}]})"},
      {"genkit:output",
       R"({"message": {"role": "model", "content": [{"toolRequest": {"name": "now", "ref": "1", "input": {}}}]}, "finishReason": "stop", "usage": {"inputTokens": 17, "outputTokens": 3, "totalTokens": 20}})"},
  });
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->request_model, "googleai/gemini-2.5-flash");
  EXPECT_EQ(view.llm->input_messages, OnlySaid("user", "Where?"));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{
                {.role = "assistant",
                 .content = {{.type = Part::Type::kToolCall, .id = "1", .name = "now", .arguments = "{}"}}}}));
  EXPECT_EQ(view.tokens->prompt, 17u);
}

TEST(Litellm, CallAndRawRequest) {
  const LlmView raw = View(
      {{"llm.openai.messages", "[{'role': 'user', 'content': 'Where?'}]"},
       {"llm.openai.id", "chatcmpl-1"},
       {"llm.openai.choices",
        "[{'finish_reason': 'stop', 'message': {'content': 'There.', 'role': 'assistant', 'tool_calls': None}}]"}});
  EXPECT_EQ(raw.dialect, "litellm");
  EXPECT_EQ(raw.llm->input_messages, OnlySaid("user", "Where?"));
  EXPECT_EQ(raw.llm->response_id, "chatcmpl-1");
  EXPECT_EQ(raw.llm->finish_reasons, std::vector<std::string>{"stop"});
  EXPECT_EQ(raw.tokens, std::nullopt);  // the call's span has them

  const LlmView call =
      View({{"litellm.call_id", "1"},
            {"gen_ai.operation.name", "chat"},
            {"gen_ai.cost.total_cost", 0.25},
            {"gen_ai.usage.input_tokens", std::int64_t{1017}},
            {"metadata.usage_object", "{'prompt_tokens': 1017, 'prompt_tokens_details': {'cached_tokens': 513}}"}});
  EXPECT_EQ(call.cost->total_usd, 0.25);
  EXPECT_EQ(call.tokens->cache_read, 513u);
}

TEST(OpenLit, CostAndEstimatedUsage) {
  const auto usage = [](Attributes more) {
    more.insert(more.end(), {{"gen_ai.operation.name", "chat"},
                             {"gen_ai.sdk.version", "2.54.0"},
                             {"gen_ai.request.stream", true},
                             {"gen_ai.usage.cost", 0.25},
                             {"gen_ai.usage.input_tokens", std::int64_t{50}}});
    return View(std::move(more));
  };
  EXPECT_EQ(usage({}).dialect, "openlit");
  EXPECT_EQ(usage({}).cost->total_usd, 0.25);
  EXPECT_TRUE(usage({}).tokens->estimated);
  EXPECT_FALSE(usage({{"gen_ai.usage.cache_read.input_tokens", std::int64_t{0}}}).tokens->estimated);
}

// Anthropic's own numbers exclude what was cached; a library's sum tells whether it does.
TEST(Tokens, WhoCountsTheCacheApart) {
  const LlmView raw = View(
      {{"langfuse.observation.type", "generation"},
       {"langfuse.observation.usage_details",
        R"({"input_tokens": 1000, "output_tokens": 3, "cache_read_input_tokens": 10, "cache_creation_input_tokens": 5})"}});
  EXPECT_EQ(raw.tokens->prompt, 1015u);
  EXPECT_EQ(raw.tokens->uncached, 1000u);
  const LlmView summed = View({{"gen_ai.operation.name", "chat"},
                               {"gen_ai.usage.input_tokens", std::int64_t{1000}},
                               {"gen_ai.usage.output_tokens", std::int64_t{3}},
                               {"gen_ai.usage.total_tokens", std::int64_t{1018}},
                               {"gen_ai.usage.cache_read_input_tokens", std::int64_t{15}}});
  EXPECT_EQ(summed.tokens->prompt, 1015u);
  EXPECT_EQ(summed.tokens->rule, "gen_ai.usage +cache");
}

// Names of the conventions after 1.41. Parts are never added.
TEST(Tokens, RenamedCountsAndParts) {
  const LlmView view = View({{"gen_ai.operation.name", "chat"},
                             {"gen_ai.usage.input_tokens", std::int64_t{100}},
                             {"gen_ai.usage.output_tokens", std::int64_t{50}},
                             {"gen_ai.usage.cache_read.input_tokens", std::int64_t{20}},
                             {"gen_ai.usage.cache_write.input_tokens", std::int64_t{10}},
                             {"gen_ai.usage.image.input_tokens", std::int64_t{30}},
                             {"gen_ai.usage.audio.input_tokens", std::int64_t{5}},
                             {"gen_ai.usage.audio.output_tokens", std::int64_t{7}},
                             {"gen_ai.usage.reasoning.output_tokens", std::int64_t{40}},
                             {"gen_ai.client.inference.time_to_first_chunk", 0.5}});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 100,
                                            .completion = 50,
                                            .total = 150,
                                            .cache_read = 20,
                                            .cache_write = 10,
                                            .uncached = 70,
                                            .reasoning = 40,
                                            .prompt_audio = 5,
                                            .prompt_image = 30,
                                            .completion_audio = 7,
                                            .rule = "gen_ai.usage +total"}));
  EXPECT_EQ(view.llm->time_to_first_token_ns, 500'000'000u);
  EXPECT_EQ(view.notes, std::vector<std::string>());
}

TEST(Tokens, ImpossibleSumsAreNoted) {
  const LlmView view = View({{"llm.token_count.prompt", std::int64_t{17}},
                             {"llm.token_count.completion", std::int64_t{3}},
                             {"llm.token_count.total", std::int64_t{19}},
                             {"llm.token_count.completion_details.reasoning", std::int64_t{4}}});
  EXPECT_EQ(view.notes, (std::vector<std::string>{"tokens: reasoning 4 is more than completion 3",
                                                  "tokens: prompt + completion 20 is more than total 19"}));
}

// One conversation, flattened, as structured values and as JSON text.
TEST(Messages, EveryFormGivesTheSameView) {
  const KeyValueList call = {
      {"tool_call", KeyValueList{{"id", "call_1"}, {"function", KeyValueList{{"name", "now"}, {"arguments", "{}"}}}}}};
  const KeyValueList first = {{"message", KeyValueList{{"role", "user"}, {"content", "Where?"}}}};
  const KeyValueList second = {{"message", KeyValueList{{"role", "assistant"}, {"tool_calls", Array{call}}}}};
  const std::vector<Message> flattened =
      View({{"llm.input_messages.0.message.role", "user"},
            {"llm.input_messages.0.message.content", "Where?"},
            {"llm.input_messages.1.message.role", "assistant"},
            {"llm.input_messages.1.message.tool_calls.0.tool_call.id", "call_1"},
            {"llm.input_messages.1.message.tool_calls.0.tool_call.function.name", "now"},
            {"llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments", "{}"}})
          .llm->input_messages;
  EXPECT_EQ(flattened.size(), 2u);
  EXPECT_EQ(View({{"llm.input_messages", Array{first, second}}}).llm->input_messages, flattened);
  EXPECT_EQ(
      View({{"llm.input_messages",
             R"([{"message": {"role": "user", "content": "Where?"}}, {"message": {"role": "assistant", "tool_calls":
                      [{"tool_call": {"id": "call_1", "function": {"name": "now", "arguments": "{}"}}}]}}])"}})
          .llm->input_messages,
      flattened);
  EXPECT_EQ(View({{"llm.input_messages",
                   R"([{"role": "user", "content": "Where?"}, {"role": "assistant", "tool_calls": [{"id": "call_1",
                      "type": "function", "function": {"name": "now", "arguments": "{}"}}]}])"}})
                .llm->input_messages,
            flattened);
}

TEST(Hostile, KeysAreBounded) {
  Attributes attributes = {{"gen_ai.prompt.999999999.role", "user"},
                           {"gen_ai.prompt.999999999.content", "far"},
                           {"__proto__.polluted", "x"},
                           {"gen_ai.prompt.__proto__.role", "x"},
                           {"constructor", "x"},
                           {"", "no key"},
                           {"gen_ai.", "no segment"},
                           {"gen_ai..request", "empty segment"}};
  for (int i = 0; i < 100'000; ++i) attributes.push_back({"gen_ai.completion." + std::to_string(i) + ".content", "t"});
  const LlmView view = View(attributes);
  EXPECT_EQ(view.llm->input_messages, OnlySaid("user", "far"));
  EXPECT_EQ(view.llm->output_messages.size(), 10'000u);
  model::Span span;
  span.attributes = attributes;
  EXPECT_EQ(Summarize(span, {}, {}).output_preview, "t");
  EXPECT_EQ(span.attributes, attributes);  // what was sent is not touched
}

}  // namespace
}  // namespace nightjar::semconv
