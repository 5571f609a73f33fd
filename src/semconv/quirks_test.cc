// What recorded libraries do that a reader must know: the same fact under many names and in many shapes. Names, shapes
// and numbers are from recordings.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

struct Named {
  const char* key;
  model::Value value;
};

// Agents and chains that carry the sum of their calls, under the names that calls use.
TEST(Quirks, SpansThatSumUpTheirChildrenAreNoCalls) {
  const auto kind = [](Attributes attributes) {
    attributes.push_back({"gen_ai.usage.input_tokens", std::int64_t{3102}});
    return View(std::move(attributes)).kind;
  };
  EXPECT_EQ(kind({{"gen_ai.operation.name", "invoke_agent"}}), ObservationKind::kAgent);
  EXPECT_EQ(kind({{"gen_ai.operation.name", "invoke_workflow"}}), ObservationKind::kChain);
  for (const char* operation : {"ai.generateText", "ai.streamText", "ai.generateObject", "ai.streamObject"})
    EXPECT_EQ(kind({{"ai.operationId", operation}, {"ai.model.id", "gpt-4o"}}), ObservationKind::kAgent) << operation;
  for (const char* operation : {"ai.generateText.doGenerate", "ai.streamText.doStream", "ai.streamObject.doStream"})
    EXPECT_EQ(kind({{"ai.operationId", operation}, {"ai.model.id", "gpt-4o"}}), ObservationKind::kLlm) << operation;
  EXPECT_EQ(kind({{"openinference.span.kind", "AGENT"}, {"llm.token_count.prompt", std::int64_t{9}}}),
            ObservationKind::kAgent);
  EXPECT_NE(View({{"model_name", "gpt-4o"},
                  {"agent_name", "bird_agent"},
                  {"gen_ai.aggregated_usage.input_tokens", std::int64_t{3102}},
                  {"final_result", "There."}})
                .kind,
            ObservationKind::kLlm);
}

// AutoGen tells a run under three scopes, each with spans of its own; LangChain by Traceloop repeats a step's state
// under two names. None of these is a call, and none names a provider.
TEST(Quirks, TwinTreesOfFrameworksAreNoCalls) {
  for (const char* operation : {"create_agent", "invoke_agent"}) {
    const LlmView view =
        View({{"gen_ai.system", "autogen"}, {"gen_ai.operation.name", operation}}, {}, {.scope = "autogen-core"});
    EXPECT_EQ(view.kind, ObservationKind::kAgent) << operation;
    EXPECT_EQ(view.llm->provider, "");
  }
  EXPECT_EQ(View({{"messaging.operation", "publish"}, {"messaging.destination", "group_topic"}}, {},
                 {.scope = "autogen SingleThreadedAgentRuntime"})
                .kind,
            ObservationKind::kUnknown);
  const LlmView step = View({{"traceloop.span.kind", "task"},
                             {"traceloop.entity.input", R"({"inputs": 1})"},
                             {"gen_ai.task.input", R"({"inputs": 1})"},
                             {"traceloop.entity.output", R"({"outputs": 2})"},
                             {"gen_ai.task.output", R"({"outputs": 2})"}});
  EXPECT_EQ(step.kind, ObservationKind::kChain);
  EXPECT_EQ(step.input->value, R"({"inputs": 1})");
  EXPECT_EQ(step.output->value, R"({"outputs": 2})");
}

TEST(Quirks, HttpSpansOfClientsAreNoCalls) {
  const LlmView view = View({{"http.request.method", "POST"},
                             {"url.full", "https://api.openai.com/v1/chat/completions"},
                             {"http.response.status_code", std::int64_t{200}}});
  EXPECT_EQ(view.kind, ObservationKind::kUnknown);
  EXPECT_EQ(view.llm, std::nullopt);
  EXPECT_EQ(view.tokens, std::nullopt);
}

// As OpenInference's exporter for Vercel's SDK leaves it.
TEST(Quirks, ThreeDialectsOnASpanAreNotAddedUp) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.token_count.prompt", std::int64_t{1017}},
                             {"llm.token_count.completion", std::int64_t{103}},
                             {"ai.usage.promptTokens", std::int64_t{1017}},
                             {"ai.usage.completionTokens", std::int64_t{103}},
                             {"gen_ai.usage.input_tokens", std::int64_t{1017}},
                             {"gen_ai.usage.output_tokens", std::int64_t{103}},
                             {"llm.input_messages.0.message.role", "user"},
                             {"llm.input_messages.0.message.content", "Where?"},
                             {"ai.prompt.messages", R"([{"role": "user", "content": "Where?"}])"}});
  EXPECT_EQ(view.tokens->prompt, 1017u);
  EXPECT_EQ(view.tokens->total, 1120u);
  EXPECT_EQ(view.llm->input_messages, OnlySaid("user", "Where?"));
  // strands writes both names.
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"},
                  {"gen_ai.usage.prompt_tokens", std::int64_t{1017}},
                  {"gen_ai.usage.input_tokens", std::int64_t{1017}}})
                .tokens->prompt,
            1017u);
}

TEST(Quirks, NamesOfPromptTokens) {
  const std::vector<Named> names = {
      {"gen_ai.usage.input_tokens", std::int64_t{17}},
      {"gen_ai.usage.prompt_tokens", std::int64_t{17}},
      {"llm.token_count.prompt", std::int64_t{17}},
      {"ai.usage.promptTokens", std::int64_t{17}},
      {"ai.usage.inputTokens", std::int64_t{17}},
      {"ai.usage.tokens", std::int64_t{17}},
      {"langfuse.observation.usage_details", R"({"prompt_tokens": 17, "completion_tokens": 3})"},
      {"mlflow.chat.tokenUsage", R"({"input_tokens": 17, "output_tokens": 3, "total_tokens": 20})"},
  };
  for (const auto& [key, value] : names) EXPECT_EQ(View({{key, value}}).tokens.value().prompt, 17u) << key;
}

TEST(Quirks, NamesOfCacheAndReasoning) {
  const auto tokens = [](const Named& named) {
    return View({{"gen_ai.operation.name", "chat"},
                 {"gen_ai.usage.input_tokens", std::int64_t{1017}},
                 {"gen_ai.usage.output_tokens", std::int64_t{103}},
                 {named.key, named.value}})
        .tokens.value();
  };
  for (const char* key : {"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
                          "gen_ai.usage.details.cache_read_tokens", "ai.usage.cachedInputTokens",
                          "ai.usage.inputTokenDetails.cacheReadTokens"})
    EXPECT_EQ(tokens({key, std::int64_t{513}}).cache_read, 513u) << key;
  for (const char* key : {"gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
                          "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.details.cache_write_tokens"})
    EXPECT_EQ(tokens({key, std::int64_t{20}}).cache_write, 20u) << key;
  for (const char* key : {"gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
                          "gen_ai.usage.details.reasoning_tokens", "ai.usage.reasoningTokens",
                          "ai.usage.outputTokenDetails.reasoningTokens"})
    EXPECT_EQ(tokens({key, std::int64_t{41}}).reasoning, 41u) << key;
  for (const char* key : {"llm.usage.total_tokens", "gen_ai.usage.total_tokens", "gen_ai.client.token.usage"})
    EXPECT_EQ(tokens({key, std::int64_t{1131}}).total, 1131u) << key;
  const model::TokenUsage whole = View({{"ai.operationId", "ai.generateText.doGenerate"},
                                        {"ai.usage.inputTokens", std::int64_t{1017}},
                                        {"ai.usage.outputTokens", std::int64_t{103}},
                                        {"ai.usage.totalTokens", std::int64_t{1131}}})
                                      .tokens.value();
  EXPECT_EQ(whole.total, 1131u);
  const model::TokenUsage vercel =
      tokens({"ai.response.providerMetadata", R"({"openai": {"cachedPromptTokens": 513, "reasoningTokens": 41}})"});
  EXPECT_EQ(vercel.cache_read, 513u);
  EXPECT_EQ(vercel.reasoning, 41u);
  for (const model::TokenUsage& usage : {vercel, tokens({"gen_ai.usage.cache_read.input_tokens", std::int64_t{513}})}) {
    EXPECT_EQ(usage.prompt, 1017u);
    EXPECT_EQ(usage.completion, 103u);
  }
}

TEST(Quirks, NoUsageIsNotZero) {
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "gpt-4o"}}).tokens, std::nullopt);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(View({{"ai.operationId", "ai.streamText.doStream"},
                  {"ai.usage.promptTokens", nan},
                  {"ai.usage.completionTokens", nan}})
                .tokens,
            std::nullopt);
  EXPECT_EQ(View({{"ai.operationId", "ai.streamText.doStream"}, {"ai.usage.promptTokens", model::Value()}}).tokens,
            std::nullopt);
}

TEST(Quirks, ShapesOfMessages) {
  const std::vector<Attributes> shapes = {
      {{"llm.input_messages.0.message.role", "user"}, {"llm.input_messages.0.message.content", "Where?"}},
      {{"gen_ai.prompt.0.role", "user"}, {"gen_ai.prompt.0.content", "Where?"}},
      {{"gen_ai.input.messages", R"([{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}])"}},
      {{"gen_ai.input.messages", R"([{"role": "user", "content": "Where?"}])"}},
      {{"gen_ai.prompt", R"({"messages": [{"role": "user", "content": "Where?"}]})"}},
      {{"ai.prompt.messages", R"([{"role": "user", "content": [{"type": "text", "text": "Where?"}]}])"}},
      {{"gcp.vertex.agent.llm_request", R"({"contents": [{"role": "user", "parts": [{"text": "Where?"}]}]})"}},
      {{"langfuse.observation.type", "generation"},
       {"langfuse.observation.input", R"([{"role": "user", "content": "Where?"}])"}},
      {{"mlflow.spanType", "\"CHAT_MODEL\""},
       {"mlflow.spanInputs", R"({"messages": [{"role": "user", "content": "Where?"}]})"}},
      {{"logfire.span_type", "span"}, {"request_data", R"({"messages": [{"role": "user", "content": "Where?"}]})"}},
      {{"model_request_parameters", "{}"},
       {"events", R"([{"event.name": "gen_ai.user.message", "role": "user", "content": "Where?"}])"}},
  };
  for (Attributes shape : shapes) {
    const std::string key = shape.back().key;
    shape.push_back({"gen_ai.operation.name", "chat"});
    EXPECT_EQ(View(std::move(shape)).llm->input_messages, OnlySaid("user", "Where?")) << key;
  }
}

// Attributes of the newer form, then flattened keys, then events, then log records.
TEST(Quirks, WhichFormOfMessagesDecides) {
  const Attributes chat = {{"gen_ai.operation.name", "chat"}};
  const Attributes flattened = {{"gen_ai.prompt.0.role", "user"}, {"gen_ai.prompt.0.content", "flattened"}};
  const Attributes listed = {{"gen_ai.input.messages", R"([{"role": "user", "content": "listed"}])"}};
  const std::vector<model::Event> events = {{.name = "gen_ai.user.message", .attributes = {{"content", "event"}}}};
  const std::vector<LogRecord> logs = {{.event_name = "gen_ai.user.message", .body = KeyValueList{{"content", "log"}}}};
  const auto text = [&](const std::vector<Attributes>& parts, const std::vector<model::Event>& with) {
    Attributes all = chat;
    for (const Attributes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return View(all, with, {.logs = logs}).llm->input_messages;
  };
  EXPECT_EQ(text({flattened, listed}, events), OnlySaid("user", "listed"));
  EXPECT_EQ(text({flattened}, events), OnlySaid("user", "flattened"));
  EXPECT_EQ(text({}, events), OnlySaid("user", "event"));
  EXPECT_EQ(text({}, {}), OnlySaid("user", "log"));
}

TEST(Quirks, FinishReasons) {
  const std::vector<std::pair<Attributes, const char*>> forms = {
      {{{"gen_ai.response.finish_reasons", Array{"stop"}}}, "stop"},
      {{{"gen_ai.response.finish_reasons", R"(["stop"])"}}, "stop"},
      {{{"gen_ai.response.finish_reasons", "stop"}}, "stop"},
      {{{"gen_ai.response.finish_reason", "FinishReason.STOP"}}, "stop"},
      {{{"gen_ai.completion.0.content", "Hm."}, {"gen_ai.completion.0.finish_reason", "tool_calls"}}, "tool_calls"},
      {{{"openinference.span.kind", "LLM"}, {"llm.finish_reason", "end_turn"}}, "end_turn"},
      {{{"ai.response.finishReason", "tool-calls"}}, "tool-calls"},
  };
  for (const auto& [form, reason] : forms) {
    Attributes attributes = form;
    attributes.push_back({"gen_ai.operation.name", "chat"});
    EXPECT_EQ(View(attributes).llm->finish_reasons, std::vector<std::string>{reason}) << form.back().key;
  }
}

TEST(Quirks, ModelOfRequestAndResponse) {
  const LlmView genai = View({{"gen_ai.request.model", "gpt-4o"}, {"gen_ai.response.model", "gpt-4o-2024-08-06"}});
  EXPECT_EQ(genai.llm->request_model, "gpt-4o");
  EXPECT_EQ(genai.llm->model, "gpt-4o-2024-08-06");
  const LlmView vercel = View({{"ai.operationId", "ai.generateText.doGenerate"},
                               {"ai.model.id", "gpt-4o"},
                               {"ai.response.model", "gpt-4o-2024-08-06"}});
  EXPECT_EQ(vercel.llm->request_model, "gpt-4o");
  EXPECT_EQ(vercel.llm->model, "gpt-4o-2024-08-06");
  // A failed call tells only what was asked for.
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}, {"gen_ai.request.model", "gpt-4o"}}).llm->model, "gpt-4o");
}

// As LiteLLM writes them, by OpenInference and by OpenTelemetry's conventions. Groq's model has an owner in its name.
TEST(Quirks, ModelsWithTheProviderBeforeThem) {
  const auto model = [](const char* key, const char* name, Attributes more) {
    more.emplace_back(key, name);
    return View(std::move(more)).llm->model;
  };
  EXPECT_EQ(model("llm.model_name", "openai/gpt-4o", {{"llm.provider", "openai"}}), "gpt-4o");
  EXPECT_EQ(model("llm.model_name", "vertex_ai/gemini-2.5-pro", {{"llm.provider", "google"}}), "gemini-2.5-pro");
  EXPECT_EQ(model("gen_ai.request.model", "anthropic/claude-sonnet-4-5", {{"gen_ai.system", "Anthropic"}}),
            "claude-sonnet-4-5");
  EXPECT_EQ(model("gen_ai.request.model", "openai/gpt-oss-120b", {{"gen_ai.system", "groq"}}), "openai/gpt-oss-120b");
  EXPECT_EQ(model("llm.model_name", "openai/gpt-4o", {}), "openai/gpt-4o");
  const LlmView asked = View({{"gen_ai.request.model", "openai/gpt-4o"}, {"gen_ai.system", "openai"}});
  EXPECT_EQ(asked.llm->request_model, "openai/gpt-4o") << "as it was asked for";
}

// Langfuse writes the items of OpenAI's Responses API, not the response: an item's id is not the response's.
TEST(Quirks, ItemsAreNoResponses) {
  const auto id = [](const char* output) {
    return View({{"langfuse.observation.type", "generation"}, {"langfuse.observation.output", output}})
        .llm->response_id;
  };
  EXPECT_EQ(id(R"({"id": "msg_51", "type": "message", "role": "assistant", "status": "completed",
                   "content": [{"type": "output_text", "text": "There."}]})"),
            "");
  EXPECT_EQ(id(R"({"id": "fc_8f", "type": "function_call", "call_id": "call_1", "name": "find", "arguments": "{}"})"),
            "");
  EXPECT_EQ(id(R"({"id": "resp_51", "object": "response", "model": "gpt-4.1", "output": []})"), "resp_51");
  // Anthropic's responses are messages too.
  EXPECT_EQ(id(R"({"id": "msg_01", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
                   "content": [{"type": "text", "text": "There."}]})"),
            "msg_01");
}

// openai-v2 records no exception: the span's status and error.type tell of it.
TEST(Quirks, FailuresWithoutAnEvent) {
  const Rest failed = {.status = model::StatusCode::kError, .status_message = "Error code: 429"};
  const LlmView view = View({{"gen_ai.operation.name", "chat"}, {"error.type", "RateLimitError"}}, {}, failed);
  EXPECT_EQ(view.exception, (model::Exception{.type = "RateLimitError", .message = "Error code: 429"}));
  EXPECT_EQ(view.origins.at("exception.type"), "otel_genai: error.type");
  EXPECT_EQ(view.origins.at("exception.message"), "otel_genai: derived");
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}}, {}, failed).exception,
            (model::Exception{.message = "Error code: 429"}));
  const LlmView told = View({{"gen_ai.operation.name", "chat"}, {"error.type", "429"}},
                            {{.name = "exception", .attributes = {{"exception.message", "Too fast"}}}}, failed);
  EXPECT_EQ(told.exception, (model::Exception{.message = "Too fast"}));
  EXPECT_EQ(told.origins.at("exception.message"), "event: exception.message");
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}}, {}, {.status_message = "fine"}).exception, std::nullopt);
}

// Chunks of streams are events, of which some have numbers in their names.
TEST(Quirks, ChunksAreNoOutput) {
  const LlmView view =
      View({{"mlflow.spanType", "\"CHAT_MODEL\""}, {"gen_ai.operation.name", "chat"}},
           {{.name = "mlflow.chunk.item.17", .attributes = {{"mlflow.chunk.value", R"({"content": "x"})"}}},
            {.name = "llm.content.completion.chunk", .attributes = {{"content", "x"}}}});
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>());
  EXPECT_EQ(view.output, std::nullopt);
}

TEST(Quirks, NamesOfSessions) {
  for (const char* key : {"session.id", "gen_ai.conversation.id", "traceloop.association.properties.session_id",
                          "traceloop.association.properties.thread_id", "langsmith.metadata.session_id",
                          "langsmith.metadata.thread_id", "lmnr.association.properties.session_id",
                          "ai.telemetry.metadata.sessionId", "gcp.vertex.agent.session_id", "langfuse.session.id"})
    EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}, {key, "sess-42"}}).session_id, "sess-42") << key;
  const LlmView langchain = View({{"openinference.span.kind", "LLM"},
                                  {"session.id", "sess-42"},
                                  {"metadata", R"({"user_id": "user-7", "ls_provider": "openai"})"}});
  EXPECT_EQ(langchain.session_id, "sess-42");
  EXPECT_EQ(langchain.user_id, "user-7");
  EXPECT_EQ(langchain.metadata, R"({"user_id": "user-7", "ls_provider": "openai"})");
}

TEST(Quirks, TagsAsListOrJsonText) {
  const std::vector<std::string> tags = {"a", "b"};
  EXPECT_EQ(View({{"openinference.span.kind", "LLM"}, {"tag.tags", Array{"a", "b"}}}).tags, tags);
  EXPECT_EQ(View({{"openinference.span.kind", "LLM"}, {"tag.tags", R"(["a", "b"])"}}).tags, tags);
}

// JavaScript sends undefined values as empty ones.
TEST(Quirks, EmptyValuesAreAbsent) {
  const LlmView view = View({{"openinference.span.kind", model::Value()},
                             {"ai.operationId", "ai.generateText.doGenerate"},
                             {"llm.input_messages.0.message.role", "user"},
                             {"llm.input_messages.0.message.content", "Where?"},
                             {"llm.input_messages.0.message.tool_calls.0.tool_call.id", model::Value()},
                             {"llm.input_messages.0.message.tool_calls.0.tool_call.function.name", model::Value()}});
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->input_messages, OnlySaid("user", "Where?"));
}

TEST(Quirks, KeysTellTheDialectNotTheScope) {
  EXPECT_EQ(View({{"openinference.span.kind", "LLM"}}, {}, {.scope = "my.tracer"}).dialect, "openinference");
  EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}}, {}, {.scope = "openinference.instrumentation.openai"}).dialect,
            "otel_genai");
  EXPECT_EQ(View({{"openinference.span.kind", "LLM"}}, {}, {.scope = "ai"}).dialect, "openinference");
}

// Instructions may be the first message, or stand beside the messages.
// Logfire's names are templates; what they say filled in is beside them.
TEST(Quirks, TitlesOfTemplates) {
  const char* name = "Chat Completion with {request_data[model]!r}";
  const Attributes attributes = {{"logfire.msg_template", name},
                                 {"logfire.msg", "Chat Completion with 'gpt-4o'"},
                                 {"request_data", R"({"model": "gpt-4o"})"}};
  const LlmView view = View(attributes, {}, {.name = name});
  EXPECT_EQ(view.title, "Chat Completion with 'gpt-4o'");
  EXPECT_EQ(view.origins.at("title"), "logfire: logfire.msg");
  model::Span span;
  span.name = name;
  span.attributes = attributes;
  EXPECT_EQ(Summarize(span, {}, {}).title, "Chat Completion with 'gpt-4o'");
  EXPECT_EQ(span.name, name);
  // Pydantic AI's spans that go through Logfire, and names that need no filling.
  EXPECT_EQ(View({{"logfire.msg", "agent run"}, {"final_result", "x"}}, {}, {.name = "agent run"}).title, "");
  EXPECT_EQ(View({{"logfire.msg", "shop run"}, {"final_result", "x"}}, {}, {.name = "agent run"}).title, "shop run");
  EXPECT_EQ(View({{"gen_ai.system", "openai"}}, {}, {.name = "chat {x}"}).title, "");
  EXPECT_EQ(View({{"logfire.msg", std::string(300, 'a')}}).title, std::string(200, 'a'));
}

TEST(Quirks, WhereInstructionsStand) {
  std::vector<Message> both = OnlySaid("system", "Be careful.");
  both.push_back(OnlySaid("user", "Where?").front());
  const char* user = R"([{"role": "user", "content": "Where?"}])";
  EXPECT_EQ(View({{"gen_ai.system_instructions", R"([{"type": "text", "content": "Be careful."}])"},
                  {"gen_ai.input.messages", user}})
                .llm->input_messages,
            both);
  EXPECT_EQ(View({{"gen_ai.input.messages",
                   R"([{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Where?"}])"}})
                .llm->input_messages,
            both);
}

}  // namespace
}  // namespace nightjar::semconv
