// gen_ai.system.message, gen_ai.user.message, gen_ai.assistant.message, gen_ai.tool.message: one input message each.
// gen_ai.choice: one output message. gen_ai.client.inference.operation.details: the messages of the call as attributes.
#include "semconv/internal/genai_events.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"

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

// Before there were events for messages, one had all of them; not for kSystemInstructions.
constexpr struct {
  std::string_view event;
  std::string_view key;
} kContentEvents[] = {{"gen_ai.content.prompt", "gen_ai.prompt"}, {"gen_ai.content.completion", "gen_ai.completion"}};

// Libraries write content as text, as a structured value or as JSON text of one.
json::value Structured(const json::value& value) {
  json::value parsed = Parsed(value);
  if (parsed.is_structured()) return parsed;
  return value;
}

// What a tool returned is text, JSON or not, unless it is a list of parts.
json::value ToolContent(const json::value& content) {
  json::value parsed = Structured(content);
  const json::array* items = parsed.if_array();
  const auto is_part = [](const json::value& item) {
    return !Member(item, "type").is_null() || !Member(item, "toolResult").is_null();
  };
  return items && std::ranges::all_of(*items, is_part) ? parsed : content;
}

json::object InputMessage(const EventFields& event, std::string_view role) {
  json::value word = event.Read("role");
  json::object message{{"role", word.is_null() ? json::value(role) : std::move(word)}};
  const json::value content = event.Read("content");
  message["content"] = role == "tool" ? ToolContent(content) : Structured(content);
  message["tool_calls"] = Structured(event.Read("tool_calls"));
  message["name"] = event.Read("name");
  message["tool_call_id"] = event.Read("id");
  return message;
}

// `message` is a message, a list of parts or plain text; without one, `content` is.
json::object OutputMessage(const EventFields& event) {
  json::value body = Structured(event.Read("message"));
  if (body.is_null()) body = Structured(event.Read("content"));
  json::object message = body.is_object() ? std::move(body.get_object()) : json::object{{"content", std::move(body)}};
  if (!message.contains("role")) message["role"] = "assistant";
  if (json::value calls = Structured(event.Read("tool_calls")); !calls.is_null()) message["tool_calls"] = calls;
  if (json::value reason = event.Read("finish_reason"); !reason.is_null()) message["finish_reason"] = reason;
  return message;
}

// Botocore's instrumentation tells a tool's result alone, and again in the user's message that holds it: there it is
// taken out, and the message if nothing else is in it.
bool IsTold(const json::array& messages, const json::value& item) {
  const json::value& id = Member(Member(item, "toolResult"), "toolUseId");
  return !id.is_null() && std::ranges::any_of(messages, [&](const json::value& message) {
    return Member(message, "role") == "tool" && Member(message, "tool_call_id") == id;
  });
}

void AppendInput(json::object message, json::array& messages) {
  if (json::array* content = message["content"].if_array(); content && !content->empty() && message["role"] == "user") {
    json::array others;
    for (json::value& item : *content)
      if (!IsTold(messages, item)) others.push_back(std::move(item));
    if (others.empty()) return;
    *content = std::move(others);
  }
  messages.push_back(std::move(message));
}

// The role that a line begins with.
std::optional<std::string_view> RoleOf(std::string_view line) {
  constexpr std::array<std::string_view, 5> kRoles = {"system", "developer", "user", "assistant", "tool"};
  for (const std::string_view role : kRoles)
    if (line.starts_with(role) && line.substr(role.size()).starts_with(": ")) return role;
  return std::nullopt;
}

void AppendEvaluations(std::span<const EventFields> events, model::Evaluation::Origin origin,
                       std::vector<model::Evaluation>& out) {
  for (const EventFields& event : events) {
    if (event.name() != "gen_ai.evaluation.result") continue;
    model::Evaluation evaluation{Text(event.Read("gen_ai.evaluation.name")),
                                 Text(event.Read("gen_ai.evaluation.score.label")),
                                 Number(event.Read("gen_ai.evaluation.score.value")),
                                 Text(event.Read("gen_ai.evaluation.explanation")), model::Evaluation::Origin::kEvent};
    if (std::ranges::find(out, evaluation) != out.end()) continue;
    evaluation.origin = origin;
    out.push_back(std::move(evaluation));
  }
}

}  // namespace

json::value MessagesOfEvents(std::span<const EventFields> events, Field field) {
  json::array messages;
  for (const EventFields& event : events) {
    if (event.name() == "gen_ai.client.inference.operation.details") {
      json::value whole = event.Read(field == Field::kSystemInstructions ? "gen_ai.system_instructions"
                                     : field == Field::kInputMessages    ? "gen_ai.input.messages"
                                                                         : "gen_ai.output.messages");
      if (!whole.is_null()) return whole;
    } else if (event.name() == kContentEvents[field == Field::kOutputMessages].event) {
      if (json::value text = event.Read(kContentEvents[field == Field::kOutputMessages].key); text.is_string()) {
        json::value lines = field == Field::kInputMessages ? MessagesOfLines(text) : json::value();
        if (field != Field::kSystemInstructions) return lines.is_null() ? text : lines;
      }
    } else if (field == Field::kInputMessages) {
      const auto* row = std::ranges::find(kInputEvents, event.name(), [](const auto& entry) { return entry.event; });
      if (row != std::end(kInputEvents)) AppendInput(InputMessage(event, row->role), messages);
    } else if (field == Field::kOutputMessages && event.name() == "gen_ai.choice") {
      messages.push_back(OutputMessage(event));
    }
  }
  return messages.empty() ? json::value() : json::value(std::move(messages));
}

json::value MessagesOfLines(const json::value& prompt) {
  const json::string* whole = prompt.if_string();
  if (!whole || !RoleOf(*whole)) return nullptr;
  json::array messages;
  for (std::string_view rest = *whole; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (const auto role = RoleOf(line)) {
      messages.push_back(json::object{{"role", *role}, {"content", line.substr(role->size() + 2)}});
    } else {
      json::string& text = messages.back().get_object()["content"].get_string();
      text += '\n';
      text += line;
    }
  }
  return messages;
}

json::value MessagesOfEventList(const json::value& events, Field field) {
  const json::array* list = events.if_array();
  if (!list) return nullptr;
  json::array asked, answered;
  for (const json::value& event : *list) {
    const std::string name = Text(Member(event, "event.name"));
    if (name == "gen_ai.choice") {
      answered.push_back(Member(event, "message"));
      continue;
    }
    asked.push_back(event);
    if (name == "gen_ai.tool.message" && event.is_object() && !event.get_object().contains("tool_call_id"))
      asked.back().get_object()["tool_call_id"] = Member(event, "id");
  }
  if (answered.empty() && !asked.empty() && Text(Member(asked.back(), "event.name")) == "gen_ai.assistant.message") {
    answered.push_back(std::move(asked.back()));
    asked.pop_back();
  }
  json::array& messages = field == Field::kOutputMessages ? answered : asked;
  return messages.empty() ? json::value() : json::value(std::move(messages));
}

json::value ToolOfEvents(std::span<const EventFields> events, Field field) {
  const bool asked = field == Field::kToolArguments;
  for (const EventFields& event : events) {
    if (asked && event.name() == "gen_ai.tool.message") return event.Read("content");
    if (!asked && event.name() == "gen_ai.choice") {
      std::string text;
      for (const model::Part& part : ReadParts(event.Read("message"))) text += part.text;
      return json::value(text);
    }
    if (event.name() != "gen_ai.client.inference.operation.details") continue;
    for (const model::Message& message :
         ReadMessages(event.Read(asked ? "gen_ai.input.messages" : "gen_ai.output.messages"), "tool"))
      for (const model::Part& part : message.content) {
        if (asked && part.type == model::Part::Type::kToolCall) return json::value(part.arguments);
        if (!asked && part.type == model::Part::Type::kToolResult) return json::value(part.result);
      }
  }
  return nullptr;
}

std::vector<model::Evaluation> ReadEvaluations(const SpanEvents& events) {
  std::vector<model::Evaluation> evaluations;
  AppendEvaluations(events.own, model::Evaluation::Origin::kEvent, evaluations);
  AppendEvaluations(events.logged, model::Evaluation::Origin::kLog, evaluations);
  return evaluations;
}

}  // namespace nightjar::semconv::internal
