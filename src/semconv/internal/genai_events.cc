// gen_ai.system.message, gen_ai.user.message, gen_ai.assistant.message, gen_ai.tool.message: one input message each.
// gen_ai.choice: one output message. gen_ai.client.inference.operation.details: the messages of the call as attributes.
#include "semconv/internal/genai_events.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {
namespace {

constexpr struct {
  std::string_view event;
  std::string_view role;
} kInputEvents[] = {
    {"gen_ai.system.message", "system"},
    {"gen_ai.user.message", "user"},
    {"gen_ai.assistant.message", "assistant"},
    {"gen_ai.tool.message", "tool"},
};

// Libraries write content as text, as a structured value or as JSON text of one.
json::value Structured(const json::value& value) {
  json::value parsed = Parsed(value);
  if (parsed.is_structured()) return parsed;
  return value;
}

json::object InputMessage(const AttributeTree& tree, std::string_view role) {
  json::value word = tree.Read("role");
  json::object message{{"role", word.is_null() ? json::value(role) : std::move(word)}};
  message["content"] = Structured(tree.Read("content"));
  message["tool_calls"] = Structured(tree.Read("tool_calls"));
  message["name"] = tree.Read("name");
  message["tool_call_id"] = tree.Read("id");
  return message;
}

// `message` is a message, a list of parts or plain text.
json::object OutputMessage(const AttributeTree& tree) {
  json::value body = Structured(tree.Read("message"));
  json::object message = body.is_object() ? std::move(body.get_object()) : json::object{{"content", std::move(body)}};
  if (!message.contains("role")) message["role"] = "assistant";
  if (json::value calls = Structured(tree.Read("tool_calls")); !calls.is_null()) message["tool_calls"] = calls;
  if (json::value reason = tree.Read("finish_reason"); !reason.is_null()) message["finish_reason"] = reason;
  return message;
}

}  // namespace

void OfferEventMessages(const model::Span& span, Facts& facts) {
  json::array input;
  json::array output;
  for (const model::Event& event : span.events) {
    if (!event.name.starts_with("gen_ai.")) continue;
    const AttributeTree tree(event.attributes);
    const auto* row = std::ranges::find(kInputEvents, event.name, [](const auto& entry) { return entry.event; });
    if (row != std::end(kInputEvents)) {
      input.push_back(InputMessage(tree, row->role));
    } else if (event.name == "gen_ai.choice") {
      output.push_back(OutputMessage(tree));
    } else if (event.name == "gen_ai.client.inference.operation.details") {
      facts.Offer(Field::kSystemInstructions, tree.Read("gen_ai.system_instructions"));
      facts.Offer(Field::kInputMessages, tree.Read("gen_ai.input.messages"));
      facts.Offer(Field::kOutputMessages, tree.Read("gen_ai.output.messages"));
    }
  }
  if (!input.empty()) facts.Offer(Field::kInputMessages, std::move(input));
  if (!output.empty()) facts.Offer(Field::kOutputMessages, std::move(output));
}

}  // namespace nightjar::semconv::internal
