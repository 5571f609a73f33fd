#include "json_text.h"
#include "nightjar/llm.h"

namespace nightjar {
namespace {

std::string Text(std::string_view object, std::string_view key) {
  const auto json = sdk::JsonMember(object, key);
  return json ? sdk::JsonString(*json).value_or("") : std::string();
}

void AppendMember(std::string& json, std::string_view key, std::string_view text) {
  json.append("\"").append(key).append("\": ");
  sdk::AppendJsonString(json, text);
}

}  // namespace

void LlmStream::Add(std::string_view chunk_json) noexcept try {
  if (model_.empty()) model_ = Text(chunk_json, "model");
  if (const auto usage = sdk::JsonMember(chunk_json, "usage"); usage && usage->starts_with('{')) usage_json_ = *usage;
  const auto choices = sdk::JsonMember(chunk_json, "choices");
  const auto choice = choices ? sdk::JsonFirstElement(*choices) : std::nullopt;
  if (!choice) return;
  if (std::string reason = Text(*choice, "finish_reason"); !reason.empty()) finish_reason_ = std::move(reason);
  if (const auto delta = sdk::JsonMember(*choice, "delta")) AddDelta(*delta);
} catch (...) {
  // No memory for this piece; the rest is taken as it comes.
}

void LlmStream::AddDelta(std::string_view delta) {
  const std::string words = Text(delta, "content");
  const auto calls = sdk::JsonMember(delta, "tool_calls");
  if (!std::exchange(begun_, begun_ || !words.empty() || calls.has_value()) && begun_) {
    span_.AddEvent("First Token Stream Event");
  }
  content_ += words;
  for (sdk::JsonItems items(calls.value_or("")); items.Next();) {
    const auto index = sdk::JsonMember(items.value(), "index");
    ToolCall& call = tool_calls_[index ? sdk::JsonInteger(*index).value_or(0) : 0];
    const std::string_view function = sdk::JsonMember(items.value(), "function").value_or("");
    if (std::string id = Text(items.value(), "id"); !id.empty()) call.id = std::move(id);
    call.name += Text(function, "name");
    call.arguments += Text(function, "arguments");
  }
}

std::string LlmStream::response_json() const noexcept try {
  std::string json = R"({"choices": [{"index": 0, "message": {"role": "assistant", )";
  if (content_.empty() && !tool_calls_.empty()) {
    json += R"("content": null)";
  } else {
    AppendMember(json, "content", content_);
  }
  const char* before = R"(, "tool_calls": [)";
  for (const auto& [index, call] : tool_calls_) {
    json += std::exchange(before, ", ");
    json += R"({"type": "function", )";
    AppendMember(json, "id", call.id);
    json += R"(, "function": {)";
    AppendMember(json, "name", call.name);
    json += ", ";
    AppendMember(json, "arguments", call.arguments);
    json += "}}";
  }
  if (!tool_calls_.empty()) json += ']';
  json += '}';
  if (!finish_reason_.empty()) {
    json += ", ";
    AppendMember(json, "finish_reason", finish_reason_);
  }
  json += "}]";
  if (!model_.empty()) {
    json += ", ";
    AppendMember(json, "model", model_);
  }
  if (!usage_json_.empty()) json += R"(, "usage": )" + usage_json_;
  return json += '}';
} catch (...) {
  return {};
}

void LlmStream::Finish() noexcept {
  if (!span_.recording()) return;
  const std::string response = response_json();
  if (!response.empty()) RecordLlmOutput(span_, response);
}

}  // namespace nightjar
