// The semantic conventions for generative AI from 1.27 to 1.38: one call in each generation's own words, and each type
// of part of a message. Names, shapes and examples are those of the conventions.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "semconv/internal/messages_json.h"
#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

// What was asked and answered, whatever the generation.
const std::vector<Message> kAsked = {
    Said("system", "Be careful."),
    Said("user", "Weather in Paris?"),
    {.role = "assistant", .content = {CallPart("call_1", "get_weather", R"({"location":"Paris"})")}}};

const model::Event kContentEvents[] = {
    {.name = "gen_ai.content.prompt",
     .attributes = {{"gen_ai.prompt",
                     R"([{"role": "system", "content": "Be careful."}, {"role": "user", "content": "Weather in Paris?"},
                         {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{\"location\":\"Paris\"}"}}]},
                         {"role": "tool", "tool_call_id": "call_1", "content": "rainy, 57°F"}])"}}},
    {.name = "gen_ai.content.completion",
     .attributes = {{"gen_ai.completion", R"([{"role": "assistant", "content": "It rains."}])"}}}};

const KeyValueList kCalled = {
    {"id", "call_1"},
    {"type", "function"},
    {"function", KeyValueList{{"name", "get_weather"}, {"arguments", R"({"location":"Paris"})"}}}};

// Of 1.28 to 1.36, as bodies of log records or as attributes of span events.
const std::vector<std::pair<const char*, KeyValueList>> kMessageEvents = {
    {"gen_ai.system.message", {{"role", "system"}, {"content", "Be careful."}}},
    {"gen_ai.user.message", {{"content", "Weather in Paris?"}}},
    {"gen_ai.assistant.message", {{"tool_calls", Array{kCalled}}}},
    {"gen_ai.tool.message", {{"content", "rainy, 57°F"}, {"id", "call_1"}}},
    {"gen_ai.choice",
     {{"index", std::int64_t{0}},
      {"finish_reason", "stop"},
      {"message", KeyValueList{{"role", "assistant"}, {"content", "It rains."}}}}}};

const char* const kInputMessages =
    R"([{"role": "user", "parts": [{"type": "text", "content": "Weather in Paris?"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": {"location": "Paris"}}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "call_1", "response": "rainy, 57°F"}]}])";
const char* const kOutputMessages =
    R"([{"role": "assistant", "parts": [{"type": "text", "content": "It rains."}], "finish_reason": "stop"}])";
const char* const kInstructions = R"([{"type": "text", "content": "Be careful."}])";
const Attributes kMessageAttributes = {{"gen_ai.system_instructions", kInstructions},
                                       {"gen_ai.input.messages", kInputMessages},
                                       {"gen_ai.output.messages", kOutputMessages}};

KeyValueList TextOf(const char* text) { return {{"type", "text"}, {"content", text}}; }

// The same as values with a structure, which log records have always had.
const Attributes kStructuredMessages = {
    {"gen_ai.system_instructions", Array{TextOf("Be careful.")}},
    {"gen_ai.input.messages",
     Array{KeyValueList{{"role", "user"}, {"parts", Array{TextOf("Weather in Paris?")}}},
           KeyValueList{{"role", "assistant"},
                        {"parts", Array{KeyValueList{{"type", "tool_call"},
                                                     {"id", "call_1"},
                                                     {"name", "get_weather"},
                                                     {"arguments", KeyValueList{{"location", "Paris"}}}}}}},
           KeyValueList{
               {"role", "tool"},
               {"parts",
                Array{KeyValueList{{"type", "tool_call_response"}, {"id", "call_1"}, {"response", "rainy, 57°F"}}}}}}},
    {"gen_ai.output.messages",
     Array{KeyValueList{{"role", "assistant"}, {"parts", Array{TextOf("It rains.")}}, {"finish_reason", "stop"}}}}};

struct Generation {
  const char* name;
  Attributes attributes;
  std::vector<model::Event> events;
  std::vector<LogRecord> logs;
};

std::vector<Generation> Generations() {
  const Attributes oldest = {{"gen_ai.system", "openai"},
                             {"gen_ai.usage.prompt_tokens", std::int64_t{100}},
                             {"gen_ai.usage.completion_tokens", std::int64_t{180}},
                             {"gen_ai.openai.request.seed", std::int64_t{100}},
                             {"gen_ai.openai.response.service_tier", "default"}};
  const Attributes middle = {{"gen_ai.system", "openai"},
                             {"gen_ai.usage.input_tokens", std::int64_t{100}},
                             {"gen_ai.usage.output_tokens", std::int64_t{180}},
                             {"gen_ai.request.seed", std::int64_t{100}},
                             {"gen_ai.openai.response.service_tier", "default"}};
  Attributes newest = middle;
  newest[0] = {"gen_ai.provider.name", "openai"};
  newest[4] = {"openai.response.service_tier", "default"};
  const auto with = [](Attributes attributes, const Attributes& more) {
    attributes.insert(attributes.end(), more.begin(), more.end());
    return attributes;
  };
  std::vector<model::Event> events;
  std::vector<LogRecord> logs;
  for (const auto& [name, body] : kMessageEvents) {
    events.push_back({.name = name, .attributes = body});
    logs.push_back({.event_name = name, .body = body, .attributes = {{"gen_ai.system", "openai"}}});
  }
  return {{"1.27, events of the span", oldest, {std::begin(kContentEvents), std::end(kContentEvents)}, {}},
          {"1.28, log records", middle, {}, logs},
          {"1.36, events of the span", middle, events, {}},
          {"1.37, JSON text", with(newest, kMessageAttributes), {}, {}},
          {"1.37, values", with(newest, kStructuredMessages), {}, {}},
          {"1.37, an event of the span",
           newest,
           {{.name = "gen_ai.client.inference.operation.details", .attributes = kMessageAttributes}},
           {}},
          {"1.38, a log record",
           newest,
           {},
           {{.event_name = "gen_ai.client.inference.operation.details", .attributes = kStructuredMessages}}}};
}

TEST(Generations, OneCallInEachOfThem) {
  for (const Generation& generation : Generations()) {
    SCOPED_TRACE(generation.name);
    Attributes attributes = generation.attributes;
    attributes.insert(attributes.end(), {{"gen_ai.operation.name", "chat"},
                                         {"gen_ai.request.model", "gpt-4"},
                                         {"gen_ai.request.max_tokens", std::int64_t{200}},
                                         {"gen_ai.response.id", "chatcmpl-1"},
                                         {"gen_ai.response.model", "gpt-4-0613"},
                                         {"gen_ai.response.finish_reasons", Array{"stop"}}});
    const LlmView view = View(attributes, generation.events, {.logs = generation.logs});
    EXPECT_EQ(view.kind, ObservationKind::kLlm);
    EXPECT_EQ(view.dialect, "otel_genai");
    EXPECT_EQ(view.llm->provider, "openai");
    EXPECT_EQ(view.llm->model, "gpt-4-0613");
    EXPECT_EQ(view.llm->request_model, "gpt-4");
    EXPECT_EQ(view.llm->response_id, "chatcmpl-1");
    EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"stop"});
    EXPECT_EQ(view.llm->service_tier, "default");
    EXPECT_EQ(view.llm->invocation_parameters.substr(0, 16), R"({"max_tokens":20)");
    EXPECT_NE(view.llm->invocation_parameters.find(R"("seed":100)"), std::string::npos);
    EXPECT_EQ(view.tokens->prompt, 100U);
    EXPECT_EQ(view.tokens->completion, 180U);
    ASSERT_EQ(view.llm->input_messages.size(), 4U);
    for (std::size_t i = 0; i < kAsked.size(); ++i) EXPECT_EQ(view.llm->input_messages[i], kAsked[i]) << i;
    const Message& returned = view.llm->input_messages[3];
    EXPECT_EQ(returned.role, "tool");
    ASSERT_EQ(returned.content.size(), 1U);
    const Part& part = returned.content[0];
    EXPECT_EQ(part.type == Part::Type::kToolResult ? part.result : part.text, "rainy, 57°F");
    EXPECT_EQ(part.type == Part::Type::kToolResult ? part.id : returned.tool_call_id, "call_1");
    ASSERT_EQ(view.llm->output_messages.size(), 1U);
    EXPECT_EQ(view.llm->output_messages[0].role, "assistant");
    EXPECT_EQ(view.llm->output_messages[0].content, std::vector<Part>{TextPart("It rains.")});
  }
}

TEST(Generations, Operations) {
  for (const auto& [operation, kind] : {std::pair("chat", ObservationKind::kLlm),
                                        {"text_completion", ObservationKind::kLlm},
                                        {"generate_content", ObservationKind::kLlm},
                                        {"embeddings", ObservationKind::kEmbedding},
                                        {"execute_tool", ObservationKind::kTool},
                                        {"create_agent", ObservationKind::kAgent},
                                        {"invoke_agent", ObservationKind::kAgent},
                                        {"invoke_workflow", ObservationKind::kChain},
                                        {"retrieval", ObservationKind::kRetriever},
                                        {"plan", ObservationKind::kAgent}})
    EXPECT_EQ(View({{"gen_ai.operation.name", operation}, {"gen_ai.request.model", "gpt-4"}}).kind, kind) << operation;
}

TEST(Generations, Providers) {
  for (const auto& [name, provider] : {std::pair("openai", "openai"),
                                       {"anthropic", "anthropic"},
                                       {"aws.bedrock", "aws"},
                                       {"azure.ai.inference", "azure"},
                                       {"azure.ai.openai", "azure"},
                                       {"az.ai.inference", "azure"},
                                       {"az.ai.openai", "azure"},
                                       {"gcp.gemini", "google"},
                                       {"gcp.gen_ai", "google"},
                                       {"gcp.vertex_ai", "google"},
                                       {"gemini", "google"},
                                       {"vertex_ai", "google"},
                                       {"cohere", "cohere"},
                                       {"deepseek", "deepseek"},
                                       {"groq", "groq"},
                                       {"ibm.watsonx.ai", "ibm.watsonx.ai"},
                                       {"mistral_ai", "mistralai"},
                                       {"perplexity", "perplexity"},
                                       {"x_ai", "xai"},
                                       {"xai", "xai"}})
    for (const char* key : {"gen_ai.system", "gen_ai.provider.name"})
      EXPECT_EQ(View({{"gen_ai.operation.name", "chat"}, {key, name}}).llm->provider, provider) << name;
}

TEST(Generations, PartsOfTokens) {
  const LlmView view = View({{"gen_ai.operation.name", "chat"},
                             {"gen_ai.usage.input_tokens", std::int64_t{1000}},
                             {"gen_ai.usage.output_tokens", std::int64_t{200}},
                             {"gen_ai.usage.cache_read.input_tokens", std::int64_t{600}},
                             {"gen_ai.usage.cache_creation.input_tokens", std::int64_t{100}},
                             {"gen_ai.usage.reasoning.output_tokens", std::int64_t{50}},
                             {"gen_ai.usage.audio.input_tokens", std::int64_t{30}},
                             {"gen_ai.usage.image.input_tokens", std::int64_t{20}},
                             {"gen_ai.usage.audio.output_tokens", std::int64_t{10}}});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1000,
                                            .completion = 200,
                                            .total = 1200,
                                            .cache_read = 600,
                                            .cache_write = 100,
                                            .uncached = 300,
                                            .reasoning = 50,
                                            .prompt_audio = 30,
                                            .prompt_image = 20,
                                            .completion_audio = 10,
                                            .rule = "gen_ai.usage +total"}));
  EXPECT_EQ(view.notes, std::vector<std::string>());
}

// Usage objects as the providers send them, which some libraries keep whole.
TEST(Tokens, ImagesAndAudioInUsageObjects) {
  const auto tokens = [](const char* usage) {
    return *View({{"gen_ai.operation.name", "chat"}, {"gen_ai.usage.raw", usage}}).tokens;
  };
  const model::TokenUsage openai = tokens(
      R"({"input_tokens": 50, "output_tokens": 50, "total_tokens": 100, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40}})");
  EXPECT_EQ(openai.prompt, 50U);
  EXPECT_EQ(openai.prompt_image, 40U);
  EXPECT_EQ(openai.prompt_audio, std::nullopt);
  const model::TokenUsage gemini = tokens(
      R"({"promptTokenCount": 1300, "candidatesTokenCount": 20, "totalTokenCount": 1320,
          "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 10}, {"modality": "IMAGE", "tokenCount": 258}, {"modality": "AUDIO", "tokenCount": 1032}]})");
  EXPECT_EQ(gemini.prompt, 1300U);
  EXPECT_EQ(gemini.prompt_image, 258U);
  EXPECT_EQ(gemini.prompt_audio, 1032U);
}

struct PartCase {
  const char* json;
  Part part;
};

const PartCase kParts[] = {
    {R"({"type": "text", "content": "Hi"})", {.text = "Hi"}},
    {R"({"type": "reasoning", "content": "Hm."})", {.type = Part::Type::kReasoning, .text = "Hm."}},
    {R"({"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": {"location": "Paris"}})",
     {.type = Part::Type::kToolCall, .id = "call_1", .name = "get_weather", .arguments = R"({"location":"Paris"})"}},
    {R"({"type": "tool_call", "name": "now"})", {.type = Part::Type::kToolCall, .name = "now"}},
    {R"({"type": "tool_call_response", "id": "call_1", "response": {"weather": "rainy"}})",
     {.type = Part::Type::kToolResult, .id = "call_1", .result = R"({"weather":"rainy"})"}},
    {R"({"type": "tool_call_response", "id": "call_1", "result": "rainy"})",
     {.type = Part::Type::kToolResult, .id = "call_1", .result = "rainy"}},
    {R"({"type": "server_tool_call", "id": "st_1", "name": "code_interpreter", "server_tool_call": {"type": "code_interpreter", "code": "1+1"}})",
     {.type = Part::Type::kToolCall,
      .id = "st_1",
      .name = "code_interpreter",
      .arguments = R"({"type":"code_interpreter","code":"1+1"})"}},
    {R"({"type": "server_tool_call_response", "id": "st_1", "server_tool_call_response": {"type": "code_interpreter", "outputs": "2"}})",
     {.type = Part::Type::kToolResult, .id = "st_1", .result = R"({"type":"code_interpreter","outputs":"2"})"}},
    {R"({"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGVsbG8="})",
     {.type = Part::Type::kImage, .url = "data:image/png;base64,aGVsbG8=", .mime_type = "image/png"}},
    {R"({"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "aGVsbG8="})",
     {.type = Part::Type::kAudio, .url = "data:audio/wav;base64,aGVsbG8=", .mime_type = "audio/wav"}},
    {R"({"type": "blob", "modality": "video", "mime_type": "video/mp4", "content": "aGVsbG8="})",
     {.type = Part::Type::kFile, .url = "data:video/mp4;base64,aGVsbG8=", .mime_type = "video/mp4"}},
    {R"({"type": "uri", "modality": "image", "mime_type": "image/png", "uri": "https://example.com/a.png"})",
     {.type = Part::Type::kImage, .url = "https://example.com/a.png", .mime_type = "image/png"}},
    {R"({"type": "uri", "modality": "image", "uri": "gs://bucket/a"})",
     {.type = Part::Type::kImage, .url = "gs://bucket/a"}},
    {R"({"type": "file", "modality": "image", "mime_type": "image/png", "file_id": "file-1"})",
     {.type = Part::Type::kImage, .url = "file-1", .mime_type = "image/png"}},
    {R"({"type": "file", "modality": "audio", "file_id": "file-2"})", {.type = Part::Type::kAudio, .url = "file-2"}},
    {R"({"type": "file", "mime_type": "application/pdf", "file_id": "file-3"})",
     {.type = Part::Type::kFile, .url = "file-3", .mime_type = "application/pdf"}},
    // Any other type is allowed: it is shown as it is.
    {R"({"type": "of_my_own", "anything": 1})", {.text = R"({"type":"of_my_own","anything":1})"}},
    {R"({"type": "of_my_own", "content": "words"})", {.text = "words"}},
};

TEST(Generations, TypesOfParts) {
  for (const PartCase& row : kParts) {
    const std::string list =
        std::string(R"([{"role": "user", "parts": [{"type": "text", "content": "x"}, )") + row.json + "]}]";
    for (const char* key : {"gen_ai.input.messages", "gen_ai.output.messages"}) {
      const LlmView view = View({{"gen_ai.operation.name", "chat"}, {key, list}});
      const auto& messages = std::string(key).contains("input") ? view.llm->input_messages : view.llm->output_messages;
      ASSERT_EQ(messages.size(), 1U) << row.json;
      EXPECT_EQ(messages[0].content, (std::vector<Part>{TextPart("x"), row.part})) << row.json;
    }
    EXPECT_EQ(internal::ReadParts(json::value(row.json)), std::vector<Part>{row.part}) << row.json;
  }
}

// Several choices, each with its own reason to stop.
TEST(Generations, Choices) {
  const LlmView view =
      View({{"gen_ai.operation.name", "chat"},
            {"gen_ai.response.finish_reasons", Array{"stop", "length"}},
            {"gen_ai.output.messages",
             R"([{"role": "assistant", "parts": [{"type": "text", "content": "a"}], "finish_reason": "stop"},
                                  {"role": "assistant", "parts": [{"type": "text", "content": "b"}], "finish_reason": "length"}])"}});
  ASSERT_EQ(view.llm->output_messages.size(), 2U);
  EXPECT_EQ(view.llm->output_messages[1].finish_reason, "length");
  EXPECT_EQ(view.llm->finish_reasons, (std::vector<std::string>{"stop", "length"}));
}

}  // namespace
}  // namespace nightjar::semconv
