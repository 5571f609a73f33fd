// Frameworks that tell of more than their calls: steps around a call, attempts inside it, retrievers and tools. Names
// and shapes as the named version sent them to this server, cut to what matters.
#include <gtest/gtest.h>

#include <cmath>

#include "semconv/internal/testing.h"
#include "semconv/known_keys.h"

namespace nightjar::semconv {
namespace {

// Genkit 1.42 with its plugin for OpenAI's API.
TEST(Genkit, CallKeepsWhatTheProviderSaid) {
  const LlmView call = View({
      {"genkit:type", "action"},
      {"genkit:metadata:subtype", "model"},
      {"genkit:name", "openai/gpt-4o"},
      {"genkit:input",
       R"({"messages": [{"role": "user", "content": [{"text": "What?"}, {"media": {"url": "data:image/png;base64,iVBORw0KGgo=", "contentType": "image/png"}}]}],
           "config": {"temperature": 0.2}, "tools": [{"name": "get_weather", "description": "w", "inputSchema": {"type": "object"}, "key": "/tool/get_weather"}], "output": {}})"},
      {"genkit:output",
       R"({"finishReason": "stop", "message": {"role": "model", "content": [{"reasoning": "Hm."}, {"toolRequest": {"name": "get_weather", "ref": "call_35", "input": {"city": "Paris"}}}]},
           "usage": {"inputTokens": 1035, "outputTokens": 135, "totalTokens": 1170},
           "raw": {"id": "chatcmpl-35", "model": "gpt-4o-2024-08-06", "usage": {"prompt_tokens": 1035, "completion_tokens": 135, "total_tokens": 1170, "prompt_tokens_details": {"cached_tokens": 500}, "completion_tokens_details": {"reasoning_tokens": 40}}}})"},
  });
  EXPECT_EQ(call.kind, ObservationKind::kLlm);
  EXPECT_EQ(call.llm->provider, "openai");
  EXPECT_EQ(call.llm->request_model, "openai/gpt-4o");
  EXPECT_EQ(call.llm->response_model, "gpt-4o-2024-08-06");
  EXPECT_EQ(call.llm->response_id, "chatcmpl-35");
  EXPECT_EQ(call.llm->finish_reasons, std::vector<std::string>{"stop"});
  Message asked = Said("user", "What?");
  asked.content.push_back(
      {.type = Part::Type::kImage, .url = "data:image/png;base64,iVBORw0KGgo=", .mime_type = "image/png"});
  EXPECT_EQ(call.llm->input_messages, std::vector<Message>{asked});
  Message answer = Called("call_35", R"({"city":"Paris"})");
  answer.content.insert(answer.content.begin(), {.type = Part::Type::kReasoning, .text = "Hm."});
  EXPECT_EQ(call.llm->output_messages, std::vector<Message>{answer});
  EXPECT_EQ(call.llm->tools, (std::vector<model::ToolDefinition>{{"get_weather", "w", R"({"type":"object"})"}}));
  EXPECT_EQ(call.tokens, (model::TokenUsage{.prompt = 1035,
                                            .completion = 135,
                                            .total = 1170,
                                            .cache_read = 500,
                                            .reasoning = 40,
                                            .rule = "genkit.usage"}));
}

TEST(Genkit, WithoutTheProvidersResponse) {
  const LlmView call = View({
      {"genkit:metadata:subtype", "model"},
      {"genkit:name", "googleai/gemini-2.5-flash"},
      {"genkit:output",
       R"({"message": {"role": "model", "content": [{"data": {"city": "Paris"}}]}, "finishReason": "stop", "usage": {"inputTokens": 17, "outputTokens": 43, "totalTokens": 60, "thoughtsTokens": 40, "cachedContentTokens": 5}})"},
  });
  EXPECT_EQ(call.llm->provider, "google");
  EXPECT_EQ(call.llm->output_messages, OnlySaid("assistant", R"({"city":"Paris"})"));
  EXPECT_EQ(call.tokens->prompt, 17U);
  EXPECT_EQ(call.tokens->cache_read, 5U);
  EXPECT_EQ(call.tokens->reasoning, 40U);
}

TEST(Genkit, OnlyModelsHaveAModel) {
  const auto view = [](const char* type, const char* subtype, const char* name, const char* input, const char* output) {
    return View({{"genkit:type", type},
                 {"genkit:metadata:subtype", subtype},
                 {"genkit:name", name},
                 {"genkit:input", input},
                 {"genkit:output", output}});
  };
  const char* generated =
      R"({"message": {"role": "model", "content": [{"text": "Hi"}]}, "usage": {"inputTokens": 1041, "outputTokens": 141}})";
  for (const auto& [type, kind] : {std::pair("util", ObservationKind::kChain),
                                   {"flowStep", ObservationKind::kChain},
                                   {"dotprompt", ObservationKind::kChain},
                                   {"promptTemplate", ObservationKind::kPrompt}}) {
    const LlmView step = view(type, "", "generate", "{}", generated);
    EXPECT_EQ(step.kind, kind) << type;
    EXPECT_EQ(step.llm, std::nullopt) << type;
    EXPECT_EQ(step.tokens, std::nullopt) << type;
  }
  const LlmView flow = view("action", "flow", "birdFlow", R"("Flow?")", R"("Sunny in Paris.")");
  EXPECT_EQ(flow.kind, ObservationKind::kChain);
  EXPECT_EQ(flow.input->value, "Flow?");
  EXPECT_EQ(flow.output->value, "Sunny in Paris.");
  EXPECT_EQ(view("action", "tool", "get_weather", R"({"city":"Paris"})", R"("Sunny")").tool,
            (model::ToolUse{"get_weather", "", "", R"({"city":"Paris"})", "Sunny"}));
  EXPECT_EQ(view("action", "retriever", "docs", R"({"query": {"content": [{"text": "q?"}]}})",
                 R"({"documents": [{"content": [{"text": "Doc text"}], "metadata": {"id": "a"}}]})")
                .retrieval,
            (model::Retrieval{"q?", {{.id = "a", .content = "Doc text", .metadata = R"({"id":"a"})"}}}));
  const LlmView embedded = view("action", "embedder", "openai/text-embedding-3-small",
                                R"({"input": [{"content": [{"text": "hi"}]}, {"content": [{"text": "you"}]}]})",
                                R"({"embeddings": [{"embedding": []}, {"embedding": []}]})");
  EXPECT_EQ(embedded.kind, ObservationKind::kEmbedding);
  EXPECT_EQ(embedded.embedding, (model::Embedding{"openai/text-embedding-3-small", {"hi", "you"}}));
}

// LiveKit agents 1.8: one call is llm_node > llm_request > llm_request_run, and each names the model.
TEST(LiveKit, OnlyTheRequestIsACall) {
  const auto named = [](const char* name, Attributes more) {
    more.insert(more.end(), {{"gen_ai.request.model", "gpt-4o"}, {"gen_ai.provider.name", "api.openai.com"}});
    return View(std::move(more), {}, {.name = name});
  };
  const LlmView call = named(
      "llm_request",
      {{"gen_ai.operation.name", "chat"},
       {"gen_ai.system_instructions", R"([{"type": "text", "content": "Be careful."}])"},
       {"gen_ai.input.messages", R"([{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]}])"},
       {"gen_ai.output.messages",
        R"([{"role": "assistant", "parts": [{"type": "tool_call", "id": "call_77", "name": "get_weather", "arguments": {"city": "Paris"}}], "finish_reason": "tool_call"}])"},
       {"gen_ai.usage.input_tokens", std::int64_t{1077}},
       {"langfuse.observation.completion_start_time", "\"2026-11-23T13:10:35.182738+00:00\""},
       {"lk.llm_metrics",
        R"({"type": "llm_metrics", "completion_tokens": 177, "prompt_tokens": 1077, "prompt_cached_tokens": 500, "cache_creation_tokens": 0, "reasoning_tokens": 40, "total_tokens": 1254})"}});
  EXPECT_EQ(call.dialect, "livekit");
  EXPECT_EQ(call.kind, ObservationKind::kLlm);
  EXPECT_EQ(call.llm->provider, "openai");
  EXPECT_EQ(call.llm->input_messages, (std::vector<Message>{Said("system", "Be careful."), Said("user", "Weather?")}));
  EXPECT_EQ(call.tokens, (model::TokenUsage{.prompt = 1077,
                                            .completion = 177,
                                            .total = 1254,
                                            .cache_read = 500,
                                            .cache_write = 0,
                                            .uncached = 577,
                                            .reasoning = 40,
                                            .rule = "lk.llm_metrics"}));
  EXPECT_EQ(named("llm_node", {{"lk.pii.chat_ctx", R"({"items": []})"}, {"lk.response.ttft", 0.25}}).kind,
            ObservationKind::kChain);
  EXPECT_EQ(named("llm_request_run", {{"lk.retry_count", std::int64_t{0}}}).kind, ObservationKind::kChain);
  EXPECT_EQ(named("tts_request", {{"lk.tts.label", "tts"}}).kind, ObservationKind::kChain);
  const LlmView turn = View({{"gen_ai.operation.name", "invoke_agent"},
                             {"lk.speech_id", "speech_1"},
                             {"lk.pii.user_input", "Weather?"},
                             {"lk.pii.response.text", "Sunny in Paris."}},
                            {}, {.name = "agent_turn"});
  EXPECT_EQ(turn.kind, ObservationKind::kAgent);
  EXPECT_EQ(turn.input->value, "Weather?");
  EXPECT_EQ(turn.output->value, "Sunny in Paris.");
  EXPECT_EQ(View({{"gen_ai.operation.name", "execute_tool"},
                  {"lk.function_tool.name", "get_weather"},
                  {"lk.function_tool.id", "call_77"},
                  {"lk.pii.function_tool.arguments", R"({"city": "Paris"})"},
                  {"lk.pii.function_tool.output", "Sunny"}})
                .tool,
            (model::ToolUse{"get_weather", "call_77", "", R"({"city": "Paris"})", "Sunny"}));
}

// LiveKit agents 1.2: no operations, and the messages as events whose tool calls are JSON texts.
TEST(LiveKit, EventsWithToolCallsAsText) {
  const char* called =
      R"({"function": {"name": "get_weather", "arguments": "{\"city\": \"Paris\"}"}, "id": "call_109", "type": "function"})";
  const LlmView call = View(
      {{"gen_ai.request.model", "gpt-4o"},
       {"gen_ai.usage.input_tokens", std::int64_t{1110}},
       {"gen_ai.usage.output_tokens", std::int64_t{210}},
       {"lk.llm_metrics",
        R"({"completion_tokens": 210, "prompt_tokens": 1110, "prompt_cached_tokens": 500, "total_tokens": 1320})"}},
      {{.name = "gen_ai.user.message", .attributes = {{"content", "Weather?"}}},
       {.name = "gen_ai.assistant.message", .attributes = {{"role", "assistant"}, {"tool_calls", Array{called}}}},
       {.name = "gen_ai.tool.message",
        .attributes = {{"content", "Sunny"}, {"name", "get_weather"}, {"id", "call_109"}}},
       {.name = "gen_ai.choice", .attributes = {{"role", "assistant"}, {"content", "Sunny in Paris."}}}},
      {.name = "llm_request"});
  EXPECT_EQ(call.kind, ObservationKind::kLlm);
  Message returned = Said("tool", "Sunny");
  returned.name = "get_weather";
  returned.tool_call_id = "call_109";
  EXPECT_EQ(call.llm->input_messages,
            (std::vector<Message>{Said("user", "Weather?"), Called("call_109", R"({"city": "Paris"})"), returned}));
  EXPECT_EQ(call.llm->output_messages, OnlySaid("assistant", "Sunny in Paris."));
  EXPECT_EQ(call.tokens->cache_read, 500U);
  const Attributes node = {
      {"lk.chat_ctx", R"({"items": [{"type": "message", "role": "user", "content": ["Weather?"]}]})"},
      {"lk.response.text", "Sunny in Paris."},
      {"lk.response.ttft", 0.25}};
  const LlmView step = View(node, {}, {.name = "llm_node"});
  EXPECT_EQ(step.kind, ObservationKind::kChain);
  EXPECT_EQ(step.llm->input_messages, OnlySaid("user", "Weather?"));
  EXPECT_EQ(step.llm->output_messages, OnlySaid("assistant", "Sunny in Paris."));
  EXPECT_EQ(step.llm->time_to_first_token_ns, 250'000'000U);
  EXPECT_EQ(View({{"lk.speech_id", "speech_1"}, {"lk.user_input", "Weather?"}}, {}, {.name = "assistant_turn"}).kind,
            ObservationKind::kAgent);
  EXPECT_EQ(View({{"lk.function_tool.name", "get_weather"}, {"lk.function_tool.output", "Sunny"}}).tool,
            (model::ToolUse{"get_weather", "", "", "", "Sunny"}));
}

TEST(Provider, IsReadFromAnAddress) {
  const auto provider = [](const char* name, const char* model = "a-model") {
    return View({{"gen_ai.operation.name", "chat"}, {"gen_ai.provider.name", name}, {"gen_ai.request.model", model}})
        .llm->provider;
  };
  EXPECT_EQ(provider("api.openai.com"), "openai");
  EXPECT_EQ(provider("my-own.openai.azure.com"), "azure");
  EXPECT_EQ(provider("api.mistral.ai"), "mistralai");
  EXPECT_EQ(provider("generativelanguage.googleapis.com"), "google");
  EXPECT_EQ(provider("bedrock-runtime.us-east-1.amazonaws.com"), "aws");
  EXPECT_EQ(provider("127.0.0.1:8000", "gpt-4o"), "openai");
  EXPECT_EQ(provider("localhost:8000", "llama-3"), "");
  EXPECT_EQ(provider("acme.chat"), "acme.chat");
}

// OpenInference for LlamaIndex 4.6: whatever an LLM object does is an LLM span.
TEST(LlamaIndex, StepsAroundACallAreNoCalls) {
  const Attributes prepared = {{"openinference.span.kind", "LLM"},
                               {"llm.model_name", "gpt-4o"},
                               {"input.value", R"({"tools": ["<FunctionTool object>"], "user_msg": null})"},
                               {"output.value", R"({"messages": ["a message as Python writes it"], "tools": []})"}};
  const auto kind = [&](const char* name, const char* scope) {
    return View(prepared, {}, {.name = name, .scope = scope}).kind;
  };
  constexpr const char* kScope = "openinference.instrumentation.llama_index";
  EXPECT_EQ(kind("OpenAI._prepare_chat_with_tools", kScope), ObservationKind::kChain);
  EXPECT_EQ(kind("OpenAI.predict", kScope), ObservationKind::kChain);
  EXPECT_EQ(kind("OpenAI.structured_predict", kScope), ObservationKind::kChain);
  EXPECT_EQ(kind("OpenAI.astream_chat", kScope), ObservationKind::kLlm);
  EXPECT_EQ(kind("OpenAI.complete", kScope), ObservationKind::kLlm);
  EXPECT_EQ(kind("my.predict", "my.tracer"), ObservationKind::kLlm);
}

// Version 7.0.173 of Vercel's AI SDK: "embeddings" around each "embeddings", and the usage on the inner ones.
TEST(VercelAi7, SpanAroundCallsOfAnEmbeddingModel) {
  const Attributes outer = {{"gen_ai.operation.name", "embeddings"},
                            {"gen_ai.provider.name", "openai"},
                            {"gen_ai.request.model", "text-embedding-3-small"}};
  EXPECT_EQ(View(outer, {}, {.scope = "gen_ai"}).kind, ObservationKind::kChain);
  EXPECT_EQ(View(outer, {}, {.scope = "gen_ai", .status = model::StatusCode::kError}).kind,
            ObservationKind::kEmbedding);
  EXPECT_EQ(View(outer, {}, {.scope = "opentelemetry.instrumentation.openai_v2"}).kind, ObservationKind::kEmbedding);
  Attributes inner = outer;
  inner.push_back({"gen_ai.usage.input_tokens", std::int64_t{51}});
  EXPECT_EQ(View(inner, {}, {.scope = "gen_ai"}).kind, ObservationKind::kEmbedding);
  inner.back().value = std::nan("");  // the provider sent none
  EXPECT_EQ(View(inner, {}, {.scope = "gen_ai"}).kind, ObservationKind::kEmbedding);
}

// Strands 1.62 tells what went into a tool and came out of it by events, in either of its two forms.
TEST(Strands, ToolsInEvents) {
  const Attributes tool = {{"gen_ai.operation.name", "execute_tool"},
                           {"gen_ai.system", "strands-agents"},
                           {"gen_ai.tool.name", "get_weather"},
                           {"gen_ai.tool.call.id", "call_141"}};
  const std::vector<model::Event> messages = {
      {.name = "gen_ai.tool.message",
       .attributes = {{"role", "tool"}, {"content", R"({"city": "Paris"})"}, {"id", "call_141"}}},
      {.name = "gen_ai.choice", .attributes = {{"message", R"([{"text": "Sunny"}])"}, {"id", "call_141"}}}};
  const std::vector<model::Event> details = {
      {.name = "gen_ai.client.inference.operation.details",
       .attributes =
           {{"gen_ai.input.messages",
             R"([{"role": "tool", "parts": [{"type": "tool_call", "name": "get_weather", "id": "call_141", "arguments": "{\"city\": \"Paris\"}"}]}])"}}},
      {.name = "gen_ai.client.inference.operation.details",
       .attributes = {
           {"gen_ai.output.messages",
            R"([{"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_141", "response": [{"text": "Sunny"}]}]}])"}}}};
  for (const auto& events : {messages, details}) {
    const LlmView view = View(tool, events);
    EXPECT_EQ(view.tool, (model::ToolUse{"get_weather", "call_141", "", R"({"city": "Paris"})", "Sunny"}));
    EXPECT_EQ(view.input->value, R"({"city": "Paris"})");
    EXPECT_EQ(view.output->value, "Sunny");
  }
}

// OpenLIT 1.45 gives Anthropic's counts as they are, without what was cached, whichever is more.
TEST(OpenLit, AnthropicCountsTheCacheApart) {
  const auto tokens = [](const char* provider) {
    return View({{"gen_ai.operation.name", "chat"},
                 {"gen_ai.sdk.version", "0.60.0"},
                 {"gen_ai.provider.name", provider},
                 {"gen_ai.usage.input_tokens", std::int64_t{1075}},
                 {"gen_ai.usage.output_tokens", std::int64_t{158}},
                 {"gen_ai.client.token.usage", std::int64_t{1233}},
                 {"gen_ai.usage.cache_read.input_tokens", std::int64_t{800}},
                 {"gen_ai.usage.cache_creation.input_tokens", std::int64_t{200}}})
        .tokens;
  };
  EXPECT_EQ(tokens("anthropic"), (model::TokenUsage{.prompt = 2075,
                                                    .completion = 158,
                                                    .total = 2233,
                                                    .cache_read = 800,
                                                    .cache_write = 200,
                                                    .uncached = 1075,
                                                    .rule = "gen_ai.usage +cache"}));
  EXPECT_EQ(tokens("openai")->prompt, 1075U);
}

// OpenTelemetry's botocore 0.66: the provider's counts as they are, of 160 tokens.
TEST(Bedrock, CountsTheCacheApart) {
  const Attributes attributes = {{"gen_ai.operation.name", "chat"},
                                 {"gen_ai.system", "aws.bedrock"},
                                 {"gen_ai.request.model", "us.anthropic.claude-3-5-sonnet-20241022-v2:0"},
                                 {"gen_ai.usage.input_tokens", std::int64_t{100}},
                                 {"gen_ai.usage.output_tokens", std::int64_t{20}},
                                 {"gen_ai.usage.cache_read.input_tokens", std::int64_t{40}}};
  const model::TokenUsage expected{
      .prompt = 140, .completion = 20, .total = 160, .cache_read = 40, .rule = "gen_ai.usage +cache +total"};
  EXPECT_EQ(View(attributes, {}, {.scope = "opentelemetry.instrumentation.botocore.bedrock-runtime"}).tokens, expected);
  // OpenLLMetry 0.62 adds a total of its own, and what was written to the cache.
  Attributes summed = attributes;
  summed.push_back({"gen_ai.usage.total_tokens", std::int64_t{120}});
  summed.push_back({"gen_ai.usage.cache_creation.input_tokens", std::int64_t{0}});
  EXPECT_EQ(View(summed, {}, {.scope = "opentelemetry.instrumentation.bedrock"}).tokens,
            (model::TokenUsage{.prompt = 140,
                               .completion = 20,
                               .total = 160,
                               .cache_read = 40,
                               .cache_write = 0,
                               .uncached = 100,
                               .rule = "gen_ai.usage +cache"}));
  EXPECT_EQ(View(attributes, {}, {.scope = "pydantic-ai"}).tokens->prompt, 100u);
}

TEST(Bedrock, ResultsAreToldTwiceByEvents) {
  const auto block = [](const char* name, KeyValueList inner) {
    return model::Value(KeyValueList{{name, model::Value(std::move(inner))}});
  };
  const auto text = [](const char* said) { return model::Value(KeyValueList{{"text", said}}); };
  const model::Value result = block("toolResult", {{"toolUseId", "tooluse_0"}, {"content", Array{text("Rain.")}}});
  const auto told = [&](Array content) {
    Rest rest;
    rest.logs = {{.event_name = "gen_ai.tool.message",
                  .body = KeyValueList{{"id", "tooluse_0"}, {"content", Array{text("Rain.")}}}},
                 {.event_name = "gen_ai.user.message", .body = KeyValueList{{"content", std::move(content)}}}};
    return View({{"gen_ai.operation.name", "chat"}}, {}, rest).llm->input_messages;
  };
  const Message alone{.role = "tool", .tool_call_id = "tooluse_0", .content = {TextPart("Rain.")}};
  EXPECT_EQ(told({result}), std::vector<Message>{alone});
  EXPECT_EQ(told({result, text("And Oslo?")}), (std::vector<Message>{alone, Said("user", "And Oslo?")}));
  EXPECT_EQ(told({block("toolResult", {{"toolUseId", "tooluse_1"}, {"content", Array{text("Snow.")}}})}),
            (std::vector<Message>{alone, Returned("tooluse_1", "Snow.")}));
}

// Laminar 0.8, OpenLIT 1.45 and Langfuse 5.0 give what is embedded as a message.
TEST(Embeddings, TextsInMessages) {
  EXPECT_EQ(View({{"gen_ai.operation.name", "embeddings"},
                  {"gen_ai.request.model", "text-embedding-3-small"},
                  {"gen_ai.input.messages", R"([{"role": "user", "parts": [{"type": "text", "content": "hi"}]}])"}})
                .embedding,
            (model::Embedding{"text-embedding-3-small", {"hi"}}));
  EXPECT_EQ(View({{"langfuse.observation.type", "embedding"},
                  {"langfuse.observation.model.name", "text-embedding-3-small"},
                  {"langfuse.observation.input", R"(["hi", "you"])"}})
                .embedding,
            (model::Embedding{"text-embedding-3-small", {"hi", "you"}}));
}

TEST(Langfuse, FailedCallsCostNothingKnown) {
  const auto cost = [](Attributes more) {
    more.insert(more.end(), {{"langfuse.observation.type", "generation"},
                             {"langfuse.observation.cost_details", R"({"input": 0, "output": 0, "total": 0})"}});
    return View(std::move(more)).cost;
  };
  EXPECT_EQ(cost({}), std::nullopt);
  const auto free_call = cost({{"langfuse.observation.usage_details", R"({"input": 11, "output": 5})"}});
  EXPECT_EQ(free_call->total_usd, 0);
}

// OpenLIT 1.45 for Haystack, around OpenLIT's span of OpenAI's client.
TEST(OpenLit, ComponentsOfFrameworksAreNoCalls) {
  Attributes component = {{"gen_ai.sdk.version", "3.4.0"},
                          {"gen_ai.operation.name", "chat"},
                          {"gen_ai.provider.name", "haystack"},
                          {"gen_ai.framework.component.type", "generator"}};
  EXPECT_EQ(View(component).kind, ObservationKind::kChain);
  component.emplace_back("gen_ai.usage.input_tokens", std::int64_t{5});
  EXPECT_EQ(View(component).kind, ObservationKind::kLlm);
}

// Mastra 1.71 with its exporter 1.4.
TEST(Mastra, StepsHaveTheMessagesAndCallsTheUsage) {
  const LlmView step = View({
      {"gen_ai.operation.name", "agent_step"},
      {"mastra.metadata.sessionId", "sess-42"},
      {"mastra.metadata.userId", "user-7"},
      {"mastra.model_step.input",
       R"([{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Weather?"}])"},
      {"mastra.model_step.output",
       R"({"text": "", "toolCalls": [{"toolCallId": "call_1", "toolName": "get_weather", "args": {"city": "Paris"}}]})"},
  });
  EXPECT_EQ(step.kind, ObservationKind::kChain);
  EXPECT_EQ(step.dialect, "mastra");
  EXPECT_EQ(step.session_id, "sess-42");
  EXPECT_EQ(step.user_id, "user-7");
  EXPECT_EQ(step.llm->input_messages, (std::vector<Message>{Said("system", "Be careful."), Said("user", "Weather?")}));
  EXPECT_EQ(step.llm->output_messages, std::vector<Message>{Called("call_1", R"({"city":"Paris"})")});
  const LlmView call = View({{"gen_ai.operation.name", "chat"},
                             {"gen_ai.provider.name", "openai.chat"},
                             {"gen_ai.usage.input_tokens", std::int64_t{1001}},
                             {"gen_ai.usage.output_tokens", std::int64_t{101}},
                             {"mastra.completion_start_time", "1970-01-01T00:00:01.5Z"},
                             {"mastra.span.type", "model_inference"}},
                            {}, {.start_unix_ns = 1'000'000'000});
  EXPECT_EQ(call.kind, ObservationKind::kLlm);
  EXPECT_EQ(call.llm->provider, "openai");
  EXPECT_EQ(call.llm->time_to_first_token_ns, 500'000'000U);
  EXPECT_EQ(call.tokens->prompt, 1001U);
  EXPECT_EQ(View({{"gen_ai.operation.name", "model_generation"},
                  {"mastra.model_generation.input", R"({"messages": [{"role": "user", "content": "Weather?"}]})"},
                  {"mastra.model_generation.output", R"({"text": "Sunny."})"}})
                .kind,
            ObservationKind::kChain);
}

// OpenLLMetry 0.62 for Cohere.
TEST(Cohere, RerankedDocumentsAreNoMessages) {
  const LlmView view = View({{"llm.request.type", "rerank"},
                             {"gen_ai.system", "Cohere"},
                             {"gen_ai.request.model", "rerank-v3.5"},
                             {"gen_ai.prompt.0.role", "system"},
                             {"gen_ai.prompt.0.content", "a doc"},
                             {"gen_ai.prompt.1.role", "system"},
                             {"gen_ai.prompt.1.content", "b doc"},
                             {"gen_ai.prompt.2.role", "user"},
                             {"gen_ai.prompt.2.content", "q?"},
                             {"gen_ai.completion.0.role", "assistant"},
                             {"gen_ai.completion.0.content", "Doc 1, Score: 0.9"},
                             {"gen_ai.completion.1.role", "assistant"},
                             {"gen_ai.completion.1.content", "Doc 0, Score: 0.1\nthe text\nitself"},
                             {"gen_ai.completion.2.role", "assistant"},
                             {"gen_ai.completion.2.content", "Doc ?"}});
  EXPECT_EQ(view.kind, ObservationKind::kReranker);
  EXPECT_EQ(view.reranker, (model::Reranker{.query = "q?",
                                            .model = "rerank-v3.5",
                                            .input_documents = {{.content = "a doc"}, {.content = "b doc"}},
                                            .output_documents = {{.score = 0.9, .content = "b doc"},
                                                                 {.score = 0.1, .content = "the text\nitself"},
                                                                 {.content = "Doc ?"}}}));
  EXPECT_EQ(view.llm->input_messages, std::vector<Message>());
  EXPECT_EQ(view.llm->output_messages, std::vector<Message>());
}

// OpenInference 2.2 for Mistral has the cached and reasoning tokens in the response alone.
TEST(Tokens, PartsThatTheResponseAloneTells) {
  const auto usage = [](std::int64_t prompt) {
    return View({{"openinference.span.kind", "LLM"},
                 {"llm.token_count.prompt", prompt},
                 {"llm.token_count.completion", std::int64_t{116}},
                 {"output.value",
                  R"({"usage": {"prompt_tokens": 1016, "completion_tokens": 116, "total_tokens": 1132,
                      "prompt_tokens_details": {"cached_tokens": 500}, "completion_tokens_details": {"reasoning_tokens": 40}}})"}})
        .tokens;
  };
  EXPECT_EQ(usage(1016)->cache_read, 500U);
  EXPECT_EQ(usage(1016)->reasoning, 40U);
  EXPECT_EQ(usage(1016)->total, 1132U);
  EXPECT_EQ(usage(1017)->cache_read, std::nullopt);
}

// LiteLLM 1.74: of 56 new, 800 read and 200 written tokens the prompt has 856. Another library's 856 have neither.
TEST(Tokens, LitellmForgetsWhatWasWrittenToTheCache) {
  const auto usage = [](const char* scope) {
    return View({{"openinference.span.kind", "LLM"},
                 {"llm.token_count.prompt", std::int64_t{856}},
                 {"llm.token_count.completion", std::int64_t{139}},
                 {"llm.token_count.total", std::int64_t{995}},
                 {"llm.token_count.prompt_details.cache_read", std::int64_t{800}},
                 {"llm.token_count.prompt_details.cache_write", std::int64_t{200}}},
                {}, {.scope = scope})
        .tokens;
  };
  const auto lite = usage("openinference.instrumentation.litellm");
  EXPECT_EQ(lite->prompt, 1056U);
  EXPECT_EQ(lite->total, 1195U);
  EXPECT_EQ(lite->uncached, 56U);
  EXPECT_EQ(lite->rule, "openinference.token_count +cache_write");
  EXPECT_EQ(usage("openinference.instrumentation.anthropic")->prompt, 1856U);
}

// OpenLLMetry 0.62 for Gemini: 40 thoughts are in the total, and nowhere said to be thoughts.
TEST(Tokens, ATotalAboveItsPartsIsNoted) {
  const LlmView view = View({{"gen_ai.operation.name", "generate_content"},
                             {"gen_ai.usage.input_tokens", std::int64_t{1009}},
                             {"gen_ai.usage.output_tokens", std::int64_t{109}},
                             {"gen_ai.usage.total_tokens", std::int64_t{1158}}});
  EXPECT_EQ(view.tokens->completion, 109U);
  EXPECT_EQ(view.notes, std::vector<std::string>{
                            "tokens: the total is 40 more than prompt and completion; what they are was not sent"});
}

TEST(KnownKeys, LiveKitsOwnOperations) {
  for (const char* key : {"lk.retry_count", "lk.function_tools", "lk.pii.chat_ctx", "lk.llm_metrics"})
    EXPECT_TRUE(IsKnown(key)) << key;
  EXPECT_FALSE(IsKnown("lk.pii.something_new"));
}

}  // namespace
}  // namespace nightjar::semconv
