// For tests: messages as providers and libraries write them.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "semconv/internal/random_messages.h"
#include "semconv/internal/testing.h"

namespace nightjar::semconv {

using model::Attributes;
using model::Message;
using model::Part;

inline std::string Base64Of(const Part& media) { return media.url.substr(media.url.find(',') + 1); }

inline json::value Parsed(const std::string& text) { return *ParseJson(text); }

// Structured values of a protobuf exporter.
inline model::Value ToValue(const json::value& value) {
  if (const auto* object = value.if_object()) {
    model::KeyValueList list;
    for (const auto& [key, member] : *object) list.push_back({std::string(key), ToValue(member)});
    return list;
  }
  if (const auto* items = value.if_array()) {
    model::Array array;
    for (const json::value& item : *items) array.push_back(ToValue(item));
    return array;
  }
  if (const auto* text = value.if_string()) return std::string(*text);
  if (const auto* integer = value.if_int64()) return *integer;
  if (const auto* real = value.if_double()) return *real;
  if (const auto* flag = value.if_bool()) return *flag;
  return {};
}

// One attribute for each leaf, "key.0.message.role".
inline void Flatten(const std::string& key, const json::value& value, Attributes& out) {
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) Flatten(key + "." + std::string(name), member, out);
  } else if (const auto* items = value.if_array()) {
    for (std::size_t i = 0; i < items->size(); ++i) Flatten(key + "." + std::to_string(i), (*items)[i], out);
  } else {
    out.push_back({key, ToValue(value)});
  }
}

inline Attributes Flattened(const std::string& key, const json::value& value) {
  Attributes out;
  Flatten(key, value, out);
  return out;
}

// OpenInference: {message: {role, content | contents, tool_calls, tool_call_id}}.
inline json::value OpenInferenceContent(const Part& part) {
  switch (part.type) {
    case Part::Type::kReasoning: return {{"message_content", {{"type", "reasoning"}, {"text", part.text}}}};
    case Part::Type::kImage:
      return {{"message_content", {{"type", "image"}, {"image", {{"image", {{"url", part.url}}}}}}}};
    case Part::Type::kAudio:
      return {{"message_content",
               {{"type", "audio"}, {"audio", {{"audio", {{"url", part.url}, {"mime_type", part.mime_type}}}}}}}};
    default: return {{"message_content", {{"type", "text"}, {"text", part.text}}}};
  }
}

inline json::value OpenInference(const Messages& messages) {
  json::array out;
  for (const Message& message : messages) {
    json::object body{{"role", message.role}};
    json::array contents, calls;
    for (const Part& part : message.content) {
      if (part.type == Part::Type::kToolResult) {
        body["tool_call_id"] = part.id;
        body["content"] = part.result;
      } else if (part.type == Part::Type::kToolCall) {
        calls.push_back(json::object{
            {"tool_call", {{"id", part.id}, {"function", {{"name", part.name}, {"arguments", part.arguments}}}}}});
      } else {
        contents.push_back(OpenInferenceContent(part));
      }
    }
    const bool is_plain = contents.size() == 1 && message.content.front().type == Part::Type::kText;
    if (is_plain) body["content"] = message.content.front().text;
    if (!is_plain && !contents.empty()) body["contents"] = std::move(contents);
    if (!calls.empty()) body["tool_calls"] = std::move(calls);
    out.push_back(json::object{{"message", std::move(body)}});
  }
  return out;
}

// OpenAI's chat: {role, content, tool_calls, tool_call_id, reasoning_content}.
inline json::value OpenAiContent(const Part& part) {
  switch (part.type) {
    case Part::Type::kImage: return {{"type", "image_url"}, {"image_url", {{"url", part.url}}}};
    case Part::Type::kAudio:
      return {{"type", "input_audio"}, {"input_audio", {{"data", Base64Of(part)}, {"format", "wav"}}}};
    case Part::Type::kFile: return {{"type", "file"}, {"file", {{"file_data", part.url}, {"filename", "a.pdf"}}}};
    default: return {{"type", "text"}, {"text", part.text}};
  }
}

inline json::object OpenAi(const Message& message) {
  json::object body{{"role", message.role}};
  json::array contents, calls;
  for (const Part& part : message.content) {
    if (part.type == Part::Type::kToolResult) {
      body["tool_call_id"] = part.id;
      body["content"] = part.result;
    } else if (part.type == Part::Type::kToolCall) {
      calls.push_back(
          {{"id", part.id}, {"type", "function"}, {"function", {{"name", part.name}, {"arguments", part.arguments}}}});
    } else if (part.type == Part::Type::kReasoning) {
      body["reasoning_content"] = part.text;
    } else {
      contents.push_back(OpenAiContent(part));
    }
  }
  if (contents.size() == 1 && contents.front().at("type") == "text") {
    body["content"] = contents.front().at("text");
  } else if (!contents.empty()) {
    body["content"] = std::move(contents);
  }
  if (!calls.empty()) body["tool_calls"] = std::move(calls);
  return body;
}

inline json::value OpenAi(const Messages& messages) {
  json::array out;
  for (const Message& message : messages) out.push_back(OpenAi(message));
  return out;
}

// OpenTelemetry's: {role, parts: [{type, …}]}.
inline json::value GenAiPart(const Part& part) {
  const auto blob = [&](const char* modality) {
    return json::value{
        {"type", "blob"}, {"modality", modality}, {"mime_type", part.mime_type}, {"content", Base64Of(part)}};
  };
  switch (part.type) {
    case Part::Type::kReasoning: return {{"type", "reasoning"}, {"content", part.text}};
    case Part::Type::kToolCall:
      return {{"type", "tool_call"}, {"id", part.id}, {"name", part.name}, {"arguments", Parsed(part.arguments)}};
    case Part::Type::kToolResult: return {{"type", "tool_call_response"}, {"id", part.id}, {"response", part.result}};
    case Part::Type::kImage: return blob("image");
    case Part::Type::kAudio: return blob("audio");
    case Part::Type::kFile: return blob("document");
    case Part::Type::kText: break;
  }
  return {{"type", "text"}, {"content", part.text}};
}

// In flattened keys, which have no order, arguments are text.
inline json::value GenAiPartOfTexts(const Part& part) {
  if (part.type != Part::Type::kToolCall) return GenAiPart(part);
  return {{"type", "tool_call"}, {"id", part.id}, {"name", part.name}, {"arguments", part.arguments}};
}

// Vercel's: {role, content: [{type, …}]}, results by the type of what came back.
inline json::value VercelPart(const Part& part) {
  switch (part.type) {
    case Part::Type::kReasoning: return {{"type", "reasoning"}, {"text", part.text}};
    case Part::Type::kToolCall:
      return {
          {"type", "tool-call"}, {"toolCallId", part.id}, {"toolName", part.name}, {"input", Parsed(part.arguments)}};
    case Part::Type::kToolResult:
      return {{"type", "tool-result"},
              {"toolCallId", part.id},
              {"toolName", "find"},
              {"output", {{"type", "text"}, {"value", part.result}}}};
    case Part::Type::kImage: return {{"type", "image"}, {"image", part.url}, {"mimeType", part.mime_type}};
    case Part::Type::kAudio:
    case Part::Type::kFile: return {{"type", "file"}, {"data", part.url}, {"mediaType", part.mime_type}};
    case Part::Type::kText: break;
  }
  return {{"type", "text"}, {"text", part.text}};
}

// Anthropic's content blocks.
inline json::value AnthropicBlock(const Part& part) {
  const json::value source{{"type", "base64"}, {"media_type", part.mime_type}, {"data", Base64Of(part)}};
  switch (part.type) {
    case Part::Type::kReasoning: return {{"type", "thinking"}, {"thinking", part.text}, {"signature", "s"}};
    case Part::Type::kToolCall:
      return {{"type", "tool_use"}, {"id", part.id}, {"name", part.name}, {"input", Parsed(part.arguments)}};
    case Part::Type::kToolResult: return {{"type", "tool_result"}, {"tool_use_id", part.id}, {"content", part.result}};
    case Part::Type::kImage: return {{"type", "image"}, {"source", source}};
    case Part::Type::kFile: return {{"type", "document"}, {"source", source}};
    default: return {{"type", "text"}, {"text", part.text}};
  }
}

// Bedrock's Converse.
inline json::value BedrockBlock(const Part& part) {
  switch (part.type) {
    case Part::Type::kReasoning: return {{"reasoningContent", {{"reasoningText", {{"text", part.text}}}}}};
    case Part::Type::kToolCall:
      return {{"toolUse", {{"toolUseId", part.id}, {"name", part.name}, {"input", Parsed(part.arguments)}}}};
    case Part::Type::kToolResult:
      return {{"toolResult", {{"toolUseId", part.id}, {"content", json::array{json::object{{"text", part.result}}}}}}};
    case Part::Type::kImage: return {{"image", {{"format", "png"}, {"source", {{"bytes", Base64Of(part)}}}}}};
    case Part::Type::kFile: return {{"document", {{"format", "pdf"}, {"source", {{"bytes", Base64Of(part)}}}}}};
    default: return {{"text", part.text}};
  }
}

// Gemini's parts.
inline json::value GeminiPart(const Part& part) {
  switch (part.type) {
    case Part::Type::kReasoning: return {{"text", part.text}, {"thought", true}};
    case Part::Type::kToolCall:
      return {{"functionCall", {{"id", part.id}, {"name", part.name}, {"args", Parsed(part.arguments)}}}};
    case Part::Type::kToolResult:
      return {{"functionResponse", {{"id", part.id}, {"name", "find"}, {"response", part.result}}}};
    case Part::Type::kText: return {{"text", part.text}};
    default: return {{"inlineData", {{"mimeType", part.mime_type}, {"data", Base64Of(part)}}}};
  }
}

// Messages whose parts stand in one list.
struct PartsForm {
  const char* list = "content";
  json::value (*part)(const Part& part) = nullptr;
  const char* model_role = "assistant";
  const char* result_role = "tool";
};
constexpr PartsForm kGenAi{"parts", GenAiPart}, kGenAiOfTexts{"parts", GenAiPartOfTexts},
    kVercel{"content", VercelPart}, kAnthropic{"content", AnthropicBlock, "assistant", "user"},
    kBedrock{"content", BedrockBlock, "assistant", "user"}, kGemini{"parts", GeminiPart, "model", "user"};

inline json::value InParts(const PartsForm& form, const Messages& messages) {
  json::array out;
  for (const Message& message : messages) {
    json::array parts;
    for (const Part& part : message.content) parts.push_back(form.part(part));
    const std::string role = message.role == "assistant" ? form.model_role
                             : message.role == "tool"    ? form.result_role
                                                         : message.role;
    out.push_back({{"role", role}, {form.list, std::move(parts)}});
  }
  return out;
}

}  // namespace nightjar::semconv
