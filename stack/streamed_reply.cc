#include "stack/streamed_reply.h"

namespace stack {
namespace {

namespace json = boost::json;

void AppendText(json::object& object, std::string_view name, const json::value& text) {
  json::value& member = object[name];
  if (!member.is_string()) member = json::string();
  member.get_string().append(text.as_string());
}

}  // namespace

std::string StreamedReply::Add(const json::value& chunk) {
  std::string text;
  for (const auto& [name, value] : chunk.as_object()) {
    if (name != "choices" && !value.is_null()) envelope_[name] = value;
  }
  const json::value* choices = chunk.get_object().if_contains("choices");
  if (choices == nullptr) return text;
  for (const json::value& item : choices->as_array()) {
    const json::object& choice = item.as_object();
    if (const json::value* index = choice.if_contains("index"); index != nullptr && *index != 0) continue;
    if (const json::value* reason = choice.if_contains("finish_reason"); reason != nullptr && !reason->is_null()) {
      finish_reason_ = *reason;
    }
    const json::value* delta = choice.if_contains("delta");
    if (delta == nullptr || delta->is_null()) continue;
    AddDelta(delta->as_object());
    const json::value* content = delta->get_object().if_contains("content");
    if (content != nullptr && content->is_string()) text += content->get_string();
  }
  return text;
}

void StreamedReply::AddDelta(const json::object& delta) {
  for (const std::string_view name : {"content", "refusal", "reasoning_content", "reasoning"}) {
    const json::value* text = delta.if_contains(name);
    if (text != nullptr && text->is_string()) AppendText(message_, name, *text);
  }
  const json::value* calls = delta.if_contains("tool_calls");
  if (calls == nullptr || calls->is_null()) return;
  for (const json::value& part : calls->as_array()) AddToolCall(part.as_object());
}

// The first part of a call has its id and name; later ones have the same index and more of the arguments. A server that
// leaves the index out sends each call whole.
void StreamedReply::AddToolCall(const json::object& part) {
  const json::value* index = part.if_contains("index");
  const std::size_t at = index == nullptr || index->is_null() ? tool_calls_.size() : index->to_number<std::size_t>();
  if (at > tool_calls_.size()) throw std::out_of_range("a tool call is missing before number " + std::to_string(at));
  if (at == tool_calls_.size()) {
    tool_calls_.push_back({{"id", nullptr}, {"type", "function"}, {"function", {{"name", ""}, {"arguments", ""}}}});
  }
  json::object& call = tool_calls_[at].as_object();
  if (const json::value* id = part.if_contains("id"); id != nullptr && id->is_string()) call["id"] = *id;
  const json::value* function = part.if_contains("function");
  if (function == nullptr) return;
  for (const std::string_view name : {"name", "arguments"}) {
    const json::value* text = function->as_object().if_contains(name);
    if (text != nullptr && text->is_string()) AppendText(call["function"].as_object(), name, *text);
  }
}

json::object StreamedReply::Whole() const {
  json::object message = message_;
  if (!tool_calls_.empty()) message["tool_calls"] = tool_calls_;
  json::object whole = envelope_;
  whole["object"] = "chat.completion";
  whole["choices"] = {{{"index", 0}, {"message", message}, {"finish_reason", finish_reason_}}};
  return whole;
}

}  // namespace stack
