#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

// Names and shapes of semantic conventions 1.41; values as recorded with opentelemetry-instrumentation-openai-v2 2.4b0.
TEST(GenAi, ChatWithMessagesAsJsonText) {
  const LlmView view = View({
      {"gen_ai.operation.name", "chat"},
      {"gen_ai.provider.name", "openai"},
      {"gen_ai.request.model", "gpt-4o"},
      {"gen_ai.request.temperature", 0.2},
      {"gen_ai.request.stop_sequences", Array{"END"}},
      {"gen_ai.response.model", "gpt-4o-2024-08-06"},
      {"gen_ai.response.id", "chatcmpl-4d07a0f7e3e6fdfe041d"},
      {"gen_ai.response.finish_reasons", Array{"tool_call"}},
      {"gen_ai.response.time_to_first_chunk", 0.0125},
      {"gen_ai.conversation.id", "sess-42"},
      {"gen_ai.system_instructions", R"([{"type": "text", "content": "Be careful."}])"},
      {"gen_ai.input.messages",
       R"([{"role": "user", "parts": [{"type": "text", "content": "Where?"},
           {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "iVBORw0KGgo="},
           {"type": "uri", "modality": "audio", "uri": "https://example.org/a.wav"}]},
           {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_1", "response": [1]}]}])"},
      {"gen_ai.output.messages",
       R"([{"role": "assistant", "parts": [{"type": "reasoning", "content": "Hm."}, {"type": "tool_call", "name":
           "search_docs", "id": "call_2", "arguments": {"k": 2}}], "finish_reason": "tool_call"}])"},
      {"gen_ai.tool.definitions", R"([{"type": "function", "name": "search_docs", "parameters": {"type": "object"}}])"},
      {"gen_ai.usage.input_tokens", std::int64_t{1034}},
      {"gen_ai.usage.output_tokens", std::int64_t{106}},
      {"gen_ai.usage.cache_read.input_tokens", std::int64_t{514}},
      {"gen_ai.usage.cache_write.input_tokens", std::int64_t{20}},
      {"gen_ai.usage.reasoning.output_tokens", std::int64_t{42}},
  });
  EXPECT_EQ(view.dialect, "otel_genai");
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.session_id, "sess-42");
  model::Llm llm;
  llm.operation = "chat";
  llm.provider = "openai";
  llm.model = "gpt-4o-2024-08-06";
  llm.request_model = "gpt-4o";
  llm.response_model = "gpt-4o-2024-08-06";
  llm.response_id = "chatcmpl-4d07a0f7e3e6fdfe041d";
  llm.invocation_parameters = R"({"stop_sequences":["END"],"temperature":0.2})";
  llm.input_messages = {
      {.role = "system", .content = {TextPart("Be careful.")}},
      {.role = "user",
       .content = {TextPart("Where?"),
                   {.type = Part::Type::kImage, .url = "data:image/png;base64,iVBORw0KGgo=", .mime_type = "image/png"},
                   {.type = Part::Type::kAudio, .url = "https://example.org/a.wav"}}},
      {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = "call_1", .result = "[1]"}}},
  };
  llm.output_messages = {
      {.role = "assistant",
       .finish_reason = "tool_call",
       .content = {{.type = Part::Type::kReasoning, .text = "Hm."},
                   {.type = Part::Type::kToolCall, .id = "call_2", .name = "search_docs", .arguments = R"({"k":2})"}}}};
  llm.tools = {{.name = "search_docs", .parameters = R"({"type":"object"})"}};
  llm.finish_reasons = {"tool_call"};
  llm.time_to_first_token_ns = 12'500'000;
  EXPECT_EQ(view.llm, llm);
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1034,
                                            .completion = 106,
                                            .total = 1140,
                                            .cache_read = 514,
                                            .cache_write = 20,
                                            .uncached = 500,
                                            .reasoning = 42,
                                            .rule = "gen_ai.usage +total"}));
}

TEST(GenAi, MessagesAsStructuredValues) {
  const KeyValueList part = {{"type", "text"}, {"content", "Where?"}};
  const KeyValueList message = {{"role", "user"}, {"parts", Array{part}}};
  const LlmView view = View({{"gen_ai.operation.name", "chat"}, {"gen_ai.input.messages", Array{message}}});
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "user", .content = {TextPart("Where?")}}}));
}

TEST(GenAi, SystemInstructionsAreNotRepeated) {
  const LlmView view = View({{"gen_ai.operation.name", "chat"},
                             {"gen_ai.system_instructions", R"([{"type": "text", "content": "Be careful."}])"},
                             {"gen_ai.input.messages", R"([{"role": "system", "content": "Be careful."}])"}});
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "system", .content = {TextPart("Be careful.")}}}));
}

// As opentelemetry-instrumentation-openai 0.33 writes it.
TEST(GenAi, FlattenedPromptsBefore137) {
  const LlmView view = View({{"gen_ai.system", "OpenAI"},
                             {"gen_ai.request.model", "gpt-4o"},
                             {"gen_ai.prompt.0.role", "user"},
                             {"gen_ai.prompt.0.content", "Where?"},
                             {"gen_ai.completion.0.role", "assistant"},
                             {"gen_ai.completion.0.finish_reason", "tool_calls"},
                             {"gen_ai.completion.0.tool_calls.0.id", "call_1"},
                             {"gen_ai.completion.0.tool_calls.0.name", "search_docs"},
                             {"gen_ai.completion.0.tool_calls.0.arguments", R"({"k": 2})"},
                             {"gen_ai.usage.prompt_tokens", std::int64_t{1017}},
                             {"gen_ai.usage.completion_tokens", std::int64_t{103}}});
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  EXPECT_EQ(view.llm->provider, "openai");
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "user", .content = {TextPart("Where?")}}}));
  EXPECT_EQ(
      view.llm->output_messages,
      (std::vector<Message>{
          {.role = "assistant",
           .finish_reason = "tool_calls",
           .content = {
               {.type = Part::Type::kToolCall, .id = "call_1", .name = "search_docs", .arguments = R"({"k": 2})"}}}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool_calls"});
  EXPECT_EQ(view.tokens->prompt, 1017u);
}

// As strands-agents 1.62 writes it: Bedrock's parts inside the events of semantic conventions 1.36.
TEST(GenAi, MessagesAsSpanEvents) {
  const LlmView view = View(
      {{"gen_ai.operation.name", "chat"}, {"gen_ai.system", "strands-agents"}},
      {
          {.name = "gen_ai.system.message", .attributes = {{"content", R"([{"text": "Be careful."}])"}}},
          {.name = "gen_ai.user.message", .attributes = {{"content", "Where?"}}},
          {.name = "gen_ai.tool.message",
           .attributes = {{"content", R"([{"toolResult": {"toolUseId": "call_0", "content": [{"text": "x"}]}}])"}}},
          {.name = "gen_ai.choice",
           .attributes = {{"finish_reason", "tool_use"},
                          {"message",
                           R"([{"toolUse": {"toolUseId": "call_1", "name": "now", "input": {"zone": "UTC"}}}])"}}},
      });
  EXPECT_EQ(view.llm->provider, "");
  EXPECT_EQ(view.llm->input_messages,
            (std::vector<Message>{
                {.role = "system", .content = {TextPart("Be careful.")}},
                {.role = "user", .content = {TextPart("Where?")}},
                {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = "call_0", .result = "x"}}},
            }));
  EXPECT_EQ(
      view.llm->output_messages,
      (std::vector<Message>{
          {.role = "assistant",
           .finish_reason = "tool_use",
           .content = {
               {.type = Part::Type::kToolCall, .id = "call_1", .name = "now", .arguments = R"({"zone":"UTC"})"}}}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool_use"});
}

TEST(GenAi, ToolAgentRetrievalAndEmbedding) {
  const LlmView tool = View({{"gen_ai.operation.name", "execute_tool"},
                             {"gen_ai.tool.name", "search_docs"},
                             {"gen_ai.tool.call.id", "call_1"},
                             {"gen_ai.tool.call.arguments", R"({"k": 2})"},
                             {"gen_ai.tool.call.result", "[]"}});
  EXPECT_EQ(tool.tool, (model::ToolUse{"search_docs", "call_1", "", R"({"k": 2})", "[]"}));
  EXPECT_EQ(tool.input->value, R"({"k": 2})");

  const LlmView agent = View({{"gen_ai.operation.name", "invoke_agent"}, {"gen_ai.agent.name", "bird_agent"}});
  EXPECT_EQ(agent.kind, ObservationKind::kAgent);
  EXPECT_EQ(agent.agent_name, "bird_agent");

  const LlmView retrieval = View({{"gen_ai.operation.name", "retrieval"},
                                  {"gen_ai.retrieval.query.text", "Where?"},
                                  {"gen_ai.retrieval.documents", R"([{"id": "d1", "score": 0.5}])"}});
  EXPECT_EQ(retrieval.retrieval, (model::Retrieval{"Where?", {{.id = "d1", .score = 0.5}}}));

  const LlmView embedding = View({{"gen_ai.operation.name", "embeddings"},
                                  {"gen_ai.request.model", "text-embedding-3-small"},
                                  {"gen_ai.usage.input_tokens", std::int64_t{51}}});
  EXPECT_EQ(embedding.kind, ObservationKind::kEmbedding);
  EXPECT_EQ(embedding.embedding->model, "text-embedding-3-small");
  EXPECT_EQ(embedding.tokens->prompt, 51u);
}

// OpenInference's own keys decide; GenAI's fill what they leave open. Token counts never mix.
TEST(GenAi, OpenInferenceOnTheSameSpanComesFirst) {
  const LlmView view = View({{"openinference.span.kind", "AGENT"},
                             {"llm.token_count.completion", std::int64_t{3}},
                             {"gen_ai.operation.name", "chat"},
                             {"gen_ai.response.id", "chatcmpl-1"},
                             {"gen_ai.usage.input_tokens", std::int64_t{1034}}});
  EXPECT_EQ(view.dialect, "openinference");
  EXPECT_EQ(view.kind, ObservationKind::kAgent);
  EXPECT_EQ(view.llm->response_id, "chatcmpl-1");
  EXPECT_EQ(view.tokens, (model::TokenUsage{.completion = 3, .rule = "openinference.token_count"}));
}

TEST(GenAi, WhatAPriceDependsOn) {
  const auto chat = [](Attributes more) {
    Attributes attributes{{"gen_ai.operation.name", "chat"},
                          {"gen_ai.usage.input_tokens", std::int64_t{900}},
                          {"gen_ai.usage.cache_creation.input_tokens", std::int64_t{300}}};
    attributes.insert(attributes.end(), more.begin(), more.end());
    return View(attributes);
  };
  const LlmView call = chat({{"gen_ai.request.service_tier", "auto"},
                             {"anthropic.response.service_tier", "batch"},
                             {"anthropic.usage.cache_creation.ephemeral_1h_input_tokens", std::int64_t{200}}});
  EXPECT_EQ(call.llm->service_tier, "batch");
  EXPECT_EQ(call.tokens->cache_write, 300);
  EXPECT_EQ(call.tokens->cache_write_1h, 200);
  EXPECT_EQ(call.origins.at("tokens.cache_write_1h"),
            "otel_genai: anthropic.usage.cache_creation.ephemeral_1h_input_tokens");
  EXPECT_EQ(chat({{"gen_ai.request.batch", true}}).llm->service_tier, "batch");
  EXPECT_EQ(chat({{"gen_ai.request.batch", false}}).llm->service_tier, "");
  EXPECT_EQ(chat({{"openai.response.service_tier", "flex"}}).llm->service_tier, "flex");
}

}  // namespace
}  // namespace nightjar::semconv
