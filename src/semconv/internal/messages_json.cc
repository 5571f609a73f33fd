#include "semconv/internal/messages_json.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {
namespace {

using model::Message;
using model::Part;

// The words that libraries write in a part's `type`.
constexpr struct {
  std::string_view word;
  Part::Type type;
} kPartTypes[] = {
    {"text", Part::Type::kText},
    {"input_text", Part::Type::kText},
    {"output_text", Part::Type::kText},
    {"refusal", Part::Type::kText},
    {"reasoning", Part::Type::kReasoning},
    {"thinking", Part::Type::kReasoning},
    {"redacted_thinking", Part::Type::kReasoning},
    {"tool_call", Part::Type::kToolCall},
    {"tool-call", Part::Type::kToolCall},
    {"tool_use", Part::Type::kToolCall},
    {"server_tool_call", Part::Type::kToolCall},  // of tools that the provider runs itself
    {"server_tool_use", Part::Type::kToolCall},
    {"mcp_tool_use", Part::Type::kToolCall},
    {"function_call", Part::Type::kToolCall},
    {"tool_call_response", Part::Type::kToolResult},
    {"tool-result", Part::Type::kToolResult},
    {"tool_result", Part::Type::kToolResult},
    {"server_tool_call_response", Part::Type::kToolResult},
    {"web_search_tool_result", Part::Type::kToolResult},
    {"mcp_tool_result", Part::Type::kToolResult},
    {"function_call_output", Part::Type::kToolResult},
    {"image", Part::Type::kImage},
    {"image_url", Part::Type::kImage},
    {"input_image", Part::Type::kImage},
    {"audio", Part::Type::kAudio},
    {"input_audio", Part::Type::kAudio},
    {"file", Part::Type::kFile},
    {"input_file", Part::Type::kFile},
    {"document", Part::Type::kFile},
    {"blob", Part::Type::kFile},
    {"uri", Part::Type::kFile},
};

std::optional<Part::Type> PartType(const json::value& part) {
  const json::string* word = Member(part, "type").if_string();
  if (!word) return std::nullopt;
  const auto* match = std::ranges::find(kPartTypes, std::string_view(*word), [](const auto& row) { return row.word; });
  return match == std::end(kPartTypes) ? std::nullopt : std::optional(match->type);
}

// Parts without a `type` name it by their only member: Bedrock's and Gemini's form.
constexpr struct {
  std::string_view member;
  Part::Type type;
} kPartMembers[] = {
    {"toolUse", Part::Type::kToolCall},
    {"functionCall", Part::Type::kToolCall},
    {"function_call", Part::Type::kToolCall},
    {"toolRequest", Part::Type::kToolCall},
    {"toolResponse", Part::Type::kToolResult},
    {"toolResult", Part::Type::kToolResult},
    {"functionResponse", Part::Type::kToolResult},
    {"function_response", Part::Type::kToolResult},
    {"reasoningContent", Part::Type::kReasoning},
    {"image", Part::Type::kImage},
    {"audio", Part::Type::kAudio},
    {"document", Part::Type::kFile},
    {"video", Part::Type::kFile},
    {"inlineData", Part::Type::kFile},
    {"inline_data", Part::Type::kFile},
    {"fileData", Part::Type::kFile},
    {"file_data", Part::Type::kFile},
    {"media", Part::Type::kFile},
};

// Roles with more than one name. Others, such as "developer", stay as they are.
constexpr struct {
  std::string_view word;
  std::string_view role;
} kRoles[] = {{"human", "user"},
              {"ai", "assistant"},
              {"AIMessageChunk", "assistant"},
              {"model", "assistant"},
              {"unknown", ""},
              {"function", "tool"},
              // smolagents, and what it sends these as.
              {"tool-call", "assistant"},
              {"tool-response", "user"}};

std::string Role(std::string word) {
  const auto* match = std::ranges::find(kRoles, std::string_view(word), [](const auto& row) { return row.word; });
  return match == std::end(kRoles) ? std::move(word) : std::string(match->role);
}

// A list of {text} joined by newlines, or what Text() says.
std::string JoinedText(const json::value& value) {
  const json::array* items = value.if_array();
  if (!items) return Text(value);
  std::string joined;
  for (const json::value& item : *items) {
    const json::value& text = FirstMember(item, {"text", "content"});
    if (!item.is_string() && !text.is_string()) return Text(value);
    if (!joined.empty()) joined += '\n';
    joined += item.is_string() ? Text(item) : Text(text);
  }
  return joined;
}

// JSON in a JSON string is taken out of it.
std::string Arguments(const json::value& arguments) {
  std::string text = Text(arguments);
  if (!text.starts_with('"')) return text;
  const json::value parsed = Parsed(arguments);
  return parsed.is_structured() ? ToJson(parsed) : text;
}

Part ReadToolCall(const json::value& call) {
  const json::value& function = Unwrap(Unwrap(call, "function"), "custom");
  Part part{.type = Part::Type::kToolCall};
  part.id = Text(FirstMember(call, {"call_id", "id", "toolCallId", "tool_call_id", "toolUseId", "ref"}));
  part.name = Text(FirstMember(function, {"name", "toolName"}));
  part.arguments = Arguments(FirstMember(function, {"arguments", "input", "args", "server_tool_call"}));
  return part;
}

Part ReadToolResult(const json::value& result) {
  Part part{.type = Part::Type::kToolResult};
  part.id =
      Text(FirstMember(result, {"tool_use_id", "call_id", "toolCallId", "tool_call_id", "toolUseId", "id", "ref"}));
  const json::value& value =
      FirstMember(result, {"response", "result", "output", "content", "server_tool_call_response"});
  // Vercel names the type of what came back: {type: "text", value}.
  const json::value& typed = Member(value, "type").is_string() ? Member(value, "value") : value;
  part.result = JoinedText(typed.is_null() ? value : typed);
  return part;
}

// Where the data was, Langfuse's SDK writes where it is now: "@@@langfuseMedia:…". Base64 has no colon.
std::string DataUri(const std::string& mime_type, const json::value& base64) {
  std::string text = Text(base64);
  return text.find(':') != std::string::npos ? text : "data:" + mime_type + ";base64," + text;
}

// What stands in a data: URI before its data; empty for other addresses.
std::string_view MimeTypeOf(std::string_view url) {
  constexpr std::string_view kScheme = "data:";
  return url.starts_with(kScheme) ? url.substr(kScheme.size(), url.find_first_of(";,") - kScheme.size()) : "";
}

// The address or the data may lie in nested objects: {image: {image: {url}}}, {image_url: {url}}, {source: {data}}.
void ReadMedia(const json::value& item, Part& part) {
  const json::value* place = &item;
  for (const std::string_view key : {"image", "audio", "file", "image_url", "input_audio", "source", "image", "audio"})
    place = &Unwrap(*place, key);
  part.mime_type = Text(FirstMember(*place, {"mime_type", "media_type", "mimeType", "mediaType", "contentType"}));
  const json::value& own_format = Member(*place, "format");
  const json::value& format = own_format.is_null() ? Member(item, "format") : own_format;
  if (part.mime_type.empty() && format.is_string())
    part.mime_type = (part.type == Part::Type::kImage   ? "image/"
                      : part.type == Part::Type::kAudio ? "audio/"
                                                        : "application/") +
                     Text(format);
  const json::value& url =
      FirstMember(*place, {"url", "uri", "image_url", "file_url", "file_uri", "fileUri", "file_id", "image", "file"});
  const json::value& base64 = FirstMember(*place, {"data", "content", "file_data", "bytes"});
  part.url = !url.is_null() || base64.is_null() ? Text(url) : DataUri(part.mime_type, base64);
  if (part.mime_type.empty()) part.mime_type = MimeTypeOf(part.url);
  const std::string modality = Text(Member(item, "modality"));
  if (modality == "image" || part.mime_type.starts_with("image/")) part.type = Part::Type::kImage;
  if (modality == "audio" || part.mime_type.starts_with("audio/")) part.type = Part::Type::kAudio;
}

Part ReadTypedPart(Part::Type type, const json::value& content) {
  Part part{.type = type};
  switch (type) {
    case Part::Type::kToolCall: return ReadToolCall(content);
    case Part::Type::kToolResult: return ReadToolResult(content);
    case Part::Type::kReasoning:
      part.text = JoinedText(
          FirstMember(Unwrap(content, "reasoningText"), {"text", "content", "thinking", "reasoning", "summary"}));
      return part;
    case Part::Type::kImage:
    case Part::Type::kAudio:
    case Part::Type::kFile: ReadMedia(content, part); return part;
    case Part::Type::kText: break;
  }
  const json::value& text = FirstMember(content, {"text", "content", "refusal"});
  // A part of a type unknown to us is shown as the JSON it is.
  part.text = text.is_string() ? Text(text) : Text(content);
  return part;
}

Part ReadPart(const json::value& item) {
  const json::value& content = Unwrap(item, "message_content");
  const auto type = PartType(content);
  // OpenInference puts the call beside the content block that announces it.
  if (type == Part::Type::kToolCall) return ReadToolCall(Unwrap(Unwrap(item, "tool_call"), "message_content"));
  if (!type)
    for (const auto& [member, member_type] : kPartMembers)
      if (const json::value& inner = Member(content, member); inner.is_object())
        return ReadTypedPart(member_type, inner);
  const bool is_thought = Member(content, "reasoning").is_string() || Member(content, "thought") == json::value(true);
  if (!type && is_thought) return ReadTypedPart(Part::Type::kReasoning, content);
  if (const json::value& data = Member(content, "data"); !type && data.is_structured())
    return {.type = Part::Type::kText, .text = Text(data)};  // Genkit's structured answers
  return ReadTypedPart(type.value_or(Part::Type::kText), content);
}

// Announces a tool call that is told elsewhere, or a text of no characters.
bool IsEmpty(const Part& part) {
  if (part.type == Part::Type::kToolCall) return part.id.empty() && part.name.empty();
  return part.type == Part::Type::kText && part.text.empty();
}

void AppendParts(const json::value& parts, std::vector<Part>& out) {
  if (const json::array* items = parts.if_array()) {
    for (const json::value& item : *items)
      if (Part part = item.is_null() ? Part() : ReadPart(item); !IsEmpty(part)) out.push_back(std::move(part));
  } else if (parts.is_object()) {
    out.push_back(ReadPart(parts));
  } else if (std::string text = Text(parts); !text.empty()) {
    out.push_back({.type = Part::Type::kText, .text = std::move(text)});
  }
}

// OpenLLMetry writes Anthropic's and OpenAI's content blocks as JSON text where others write what was said.
bool IsContentBlock(const json::value& item) {
  const auto type = PartType(item);
  if (!type) return false;
  switch (*type) {
    case Part::Type::kText: return Member(item, "text").is_string();
    case Part::Type::kToolCall: return !Member(item, "name").is_null() && !Member(item, "id").is_null();
    case Part::Type::kToolResult: return !Member(item, "tool_use_id").is_null();
    case Part::Type::kImage: return !FirstMember(item, {"source", "image_url"}).is_null();
    default: return false;
  }
}

void AppendContent(const json::value& content, std::vector<Part>& out) {
  const json::string* text = content.if_string();
  if (!text || !text->starts_with("[{")) return AppendParts(content, out);
  const json::value parsed = Parsed(content);
  const json::array* blocks = parsed.if_array();
  AppendParts(blocks && std::ranges::all_of(*blocks, IsContentBlock) ? parsed : content, out);
}

// Vercel's SDK names the type of what a tool gave: {"type": "text", "value": …}.
void UnwrapToolText(std::vector<Part>& content) {
  if (content.size() != 1 || content.front().type != Part::Type::kText || !content.front().text.starts_with('{'))
    return;
  const json::value parsed = Parsed(json::string(content.front().text));
  const json::value& value = Member(parsed, "value");
  if (Member(parsed, "type").is_string() && !value.is_null() && parsed.get_object().size() == 2)
    content.front().text = Text(value);
}

// Anthropic's instrumentation writes a call twice with one id, as a content block and as a tool call. Calls without an
// id may well be alike.
void AppendToolCall(Part call, std::vector<Part>& out) {
  if (call.id.empty() && call.name.empty()) return;
  if (call.id.empty() || std::ranges::find(out, call.id, &Part::id) == out.end()) out.push_back(std::move(call));
}

void AppendToolCalls(const json::value& body, std::vector<Part>& out) {
  if (const json::array* calls = Member(body, "tool_calls").if_array())
    for (const json::value& item : *calls) {
      const json::value call = item.is_string() ? Parsed(item) : item;  // LiveKit writes each as JSON text
      AppendToolCall(ReadToolCall(Unwrap(call, "tool_call")), out);
    }
  AppendToolCall(ReadToolCall(Member(body, "function_call")), out);
  AppendToolCall({.type = Part::Type::kToolCall,
                  .name = Text(Member(body, "function_call_name")),
                  .arguments = Text(Member(body, "function_call_arguments_json"))},
                 out);
}

// Items of the Responses API have no message around them: the item is the part.
Message MessageOfPart(const json::value& item, Part::Type type, std::string_view role) {
  Message message;
  const bool from_model = type == Part::Type::kToolCall || type == Part::Type::kReasoning;
  message.role = type == Part::Type::kToolResult ? "tool" : from_model ? "assistant" : role;
  message.content.push_back(ReadPart(item));
  return message;
}

// Where the message lies in an item of a list: a choice's message, Gemini's content, LangChain's kwargs.
const json::value& MessageBody(const json::value& item) {
  const json::value& body = Unwrap(item, "message");
  const json::value& content = Member(body, "content");
  if (Member(content, "parts").is_array()) return content;
  const bool serialised = !Member(body, "lc").is_null() || Member(body, "type").is_string();
  return serialised ? Unwrap(Unwrap(body, "kwargs"), "data") : body;
}

Message ReadMessage(const json::value& item, std::string_view role) {
  const json::value& body = MessageBody(item);
  Message message;
  message.role = Role(Text(Member(body, "role")));
  // LangChain's serialised messages.
  if (message.role.empty() && !Member(body, "content").is_null()) {
    std::string type = Role(Text(Member(body, "type")));
    if (type == "user" || type == "assistant" || type == "system" || type == "tool") message.role = std::move(type);
  }
  if (message.role.empty()) {
    if (const auto type = PartType(body)) return MessageOfPart(body, *type, role);
    message.role = role;
  }
  message.name = Text(Member(body, "name"));
  message.tool_call_id = Text(Member(body, "tool_call_id"));
  message.finish_reason = Text(FirstMember(body, {"finish_reason", "stop_reason"}));
  if (message.finish_reason.empty()) message.finish_reason = Text(FirstMember(item, {"finish_reason", "finishReason"}));

  std::vector<Part>& content = message.content;
  if (std::string reasoning = Text(FirstMember(body, {"reasoning_content", "reasoning"})); !reasoning.empty())
    content.push_back({.type = Part::Type::kReasoning, .text = std::move(reasoning)});
  AppendContent(Member(body, "content"), content);
  const std::size_t before = content.size();
  AppendParts(FirstMember(body, {"contents", "parts"}), content);
  // What was said may be there as one text and in parts.
  if (before > 0 && content.size() > before && content[before - 1] == content[before])
    content.erase(content.begin() + static_cast<std::ptrdiff_t>(before));
  AppendParts(Member(body, "refusal"), content);
  AppendToolCalls(body, content);
  // AutoGen's instrumentation: results as JSON texts beside the message.
  if (const json::array* results = Member(item, "function").if_array())
    for (const json::value& result : *results) content.push_back(ReadToolResult(Parsed(result)));
  // Providers without a tool role send results in a user message.
  const auto is_result = [](const Part& part) { return part.type == Part::Type::kToolResult; };
  if (message.role == "tool") UnwrapToolText(content);
  const bool has_results = !content.empty() && std::ranges::all_of(content, is_result);
  if (message.role == "user" && (has_results || !message.tool_call_id.empty())) message.role = "tool";
  return message;
}

// The items of a list, of JSON text of a list or of a whole request or response, or the one item.
json::array Items(const json::value& value) {
  json::value parsed = Parsed(value);
  if (json::array* items = parsed.if_array()) return std::move(*items);
  if (const json::array* items = FirstMember(parsed, {"messages", "choices", "items"}).if_array()) return *items;
  json::array one;
  if (parsed.is_object()) one.push_back(std::move(parsed));
  return one;
}

}  // namespace

std::vector<Message> ReadMessages(const json::value& messages, std::string_view role) {
  std::vector<Message> out;
  for (const json::value& item : Items(messages)) {
    if (item.is_object()) {
      Message message = ReadMessage(item, role);
      // An object of another shape is no message.
      const bool named = !Member(Unwrap(item, "message"), "role").is_null();
      if (named || !message.content.empty()) out.push_back(std::move(message));
    } else if (item.is_string()) {
      out.push_back({.role = std::string(role), .content = {{.type = Part::Type::kText, .text = Text(item)}}});
    }
  }
  return out;
}

std::vector<Message> ReadCompletions(const json::value& texts, std::string_view role) {
  std::vector<Message> out;
  for (const json::value& item : Items(texts)) {
    const json::value& body = Unwrap(Unwrap(item, "prompt"), "completion");
    std::string text = Text(body.is_object() ? Member(body, "text") : body);
    out.push_back({.role = std::string(role), .content = {{.type = Part::Type::kText, .text = std::move(text)}}});
  }
  return out;
}

std::vector<Part> ReadParts(const json::value& parts) {
  std::vector<Part> out;
  const json::value parsed = Parsed(parts);
  AppendParts(parsed.is_structured() ? parsed : parts, out);
  return out;
}

std::vector<model::ToolDefinition> ReadTools(const json::value& tools) {
  std::vector<model::ToolDefinition> out;
  for (const json::value& item : Items(tools)) {
    // Gemini's tools are lists of functions.
    const json::value& declared = FirstMember(item, {"function_declarations", "functionDeclarations"});
    if (declared.is_array()) {
      std::ranges::move(ReadTools(declared), std::back_inserter(out));
      continue;
    }
    const json::value& wrapped = Unwrap(item, "tool");
    const json::value& schema = Member(wrapped, "json_schema");
    const json::value tool = Parsed(schema.is_null() ? wrapped : schema);
    const json::value& function = Unwrap(tool, "function");
    model::ToolDefinition definition;
    definition.name = Text(FirstMember(function, {"name", "title"}));
    if (definition.name.empty()) definition.name = Text(Member(wrapped, "name"));
    definition.description = Text(Member(function, "description"));
    definition.parameters = Text(FirstMember(
        function, {"parameters", "input_schema", "inputSchema", "parameters_json_schema", "parametersJsonSchema"}));
    if (!definition.name.empty() || !definition.parameters.empty()) out.push_back(std::move(definition));
  }
  return out;
}

std::vector<model::Document> ReadDocuments(const json::value& documents) {
  std::vector<model::Document> out;
  for (const json::value& item : Items(documents)) {
    const json::value& body = Unwrap(item, "document");
    model::Document document;
    document.id = Text(FirstMember(body, {"id", "document_id"}));
    document.score = Number(FirstMember(body, {"score", "relevance_score"}));
    document.content = body.is_string() ? Text(body) : Text(FirstMember(body, {"content", "text", "page_content"}));
    document.metadata = ObjectText(Member(body, "metadata"));
    out.push_back(std::move(document));
  }
  return out;
}

}  // namespace nightjar::semconv::internal
