// The shapes of messages that no single dialect owns.
#include "semconv/internal/messages_json.h"

#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv::internal {
namespace {

using model::Message;
using model::Part;

std::vector<Message> Read(const char* text) { return ReadMessages(json::value(text), "user"); }

TEST(MessagesJson, AnthropicContentBlocks) {
  const auto messages = Read(R"([
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "A"},
      {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {"zone": "UTC"}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1",
      "content": [{"type": "text", "text": "12"}, {"type": "text", "text": "00"}]}]},
    {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AA=="}}]}])");
  EXPECT_EQ(
      messages,
      (std::vector<Message>{
          {.role = "assistant",
           .content =
               {{.type = Part::Type::kReasoning, .text = "Hm."},
                TextPart("A"),
                {.type = Part::Type::kToolCall, .id = "toolu_1", .name = "now", .arguments = R"({"zone":"UTC"})"}}},
          {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = "toolu_1", .result = "12\n00"}}},
          {.role = "user",
           .content = {{.type = Part::Type::kImage, .url = "data:image/png;base64,AA==", .mime_type = "image/png"}}},
      }));
}

TEST(MessagesJson, ResponsesItems) {
  const auto messages = Read(R"([
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Where?"},
      {"type": "input_image", "image_url": "https://example.org/a.png"}]},
    {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "now", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "call_1", "output": "12:00"}])");
  EXPECT_EQ(messages,
            (std::vector<Message>{
                {.role = "user",
                 .content = {TextPart("Where?"), {.type = Part::Type::kImage, .url = "https://example.org/a.png"}}},
                {.role = "assistant",
                 .content = {{.type = Part::Type::kToolCall, .id = "call_1", .name = "now", .arguments = "{}"}}},
                {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = "call_1", .result = "12:00"}}},
            }));
}

TEST(MessagesJson, GeminiParts) {
  const auto messages = Read(R"([
    {"role": "model", "parts": [{"text": "A"}, {"functionCall": {"name": "now", "args": {"zone": "UTC"}}}]},
    {"role": "user", "parts": [{"functionResponse": {"name": "now", "response": {"time": "12:00"}}}]},
    {"role": "user", "parts": [{"inline_data": {"mime_type": "audio/wav", "data": "AA=="}}]}])");
  EXPECT_EQ(
      messages,
      (std::vector<Message>{
          {.role = "assistant",
           .content = {TextPart("A"),
                       {.type = Part::Type::kToolCall, .name = "now", .arguments = R"({"zone":"UTC"})"}}},
          {.role = "tool", .content = {{.type = Part::Type::kToolResult, .result = R"({"time":"12:00"})"}}},
          {.role = "user",
           .content = {{.type = Part::Type::kAudio, .url = "data:audio/wav;base64,AA==", .mime_type = "audio/wav"}}},
      }));
}

TEST(MessagesJson, WholeResponsesAndSingleMessages) {
  const std::vector<Message> answer = {{.role = "assistant", .finish_reason = "stop", .content = {TextPart("A")}}};
  EXPECT_EQ(Read(R"({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "A"}}]})"),
            answer);
  EXPECT_EQ(Read(R"({"role": "user", "content": "Q"})"),
            (std::vector<Message>{{.role = "user", .content = {TextPart("Q")}}}));
  EXPECT_EQ(Read(R"(["Q"])"), (std::vector<Message>{{.role = "user", .content = {TextPart("Q")}}}));
}

TEST(MessagesJson, WhatIsNoMessageIsAbsent) {
  for (const char* text : {"plain text", "", "7", "[7, null]", R"({"q": "Where?"})", "[not JSON]"})
    EXPECT_TRUE(Read(text).empty()) << text;
}

TEST(MessagesJson, UnknownPartsShowTheirJson) {
  EXPECT_EQ(
      Read(R"([{"role": "user", "content": [{"type": "web_search_call", "id": "ws_1"}]}])"),
      (std::vector<Message>{{.role = "user", .content = {TextPart(R"({"type":"web_search_call","id":"ws_1"})")}}}));
}

TEST(MessagesJson, ToolDefinitionShapes) {
  EXPECT_EQ(ReadTools(json::value(R"([
      {"type": "function", "function": {"name": "a", "description": "A.", "parameters": {"type": "object"}}},
      {"name": "b", "input_schema": {"type": "object"}},
      "{\"name\": \"c\"}", 7])")),
            (std::vector<model::ToolDefinition>{
                {"a", "A.", R"({"type":"object"})"}, {"b", "", R"({"type":"object"})"}, {"c", "", ""}}));
}

}  // namespace
}  // namespace nightjar::semconv::internal
