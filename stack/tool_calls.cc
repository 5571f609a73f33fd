#include "stack/tool_calls.h"

#include <string_view>

#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "stack/model_server.h"

namespace stack {
namespace {

namespace json = boost::json;
namespace oi = nightjar::openinference;

constexpr std::size_t kOutputBytesMax = 1'000;  // on the span; the model gets all

// The first bytes of `text`, without cutting a UTF-8 character in two.
std::string_view Head(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  return text.substr(0, bytes_max);
}

json::object ParseArguments(std::string_view text) try {
  return text.empty() ? json::object() : json::parse(text).as_object();
} catch (const std::exception&) {
  throw ToolError("the arguments are not a JSON object: " + std::string(text));
}

std::string Run(const ToolRegistry& tools, const ToolCall& call) {
  const std::string_view id = call.id.is_string() ? std::string_view(call.id.get_string()) : "";
  nightjar::Span span = nightjar::ToolSpan(call.name, call.arguments, id);
  if (const Tool* tool = tools.Find(call.name)) span.SetAttribute("tool.description", tool->description);
  return nightjar::Traced(span, [&] {
    std::string content = json::serialize(tools.Call(call.name, ParseArguments(call.arguments)));
    span.SetAttribute(oi::kOutputValue, Head(content, kOutputBytesMax));
    return content;
  });
}

}  // namespace

std::vector<ToolCall> ReadToolCalls(const json::object& message) try {
  std::vector<ToolCall> calls;
  const json::value* list = message.if_contains("tool_calls");
  if (list == nullptr || list->is_null()) return calls;
  for (const json::value& call : list->as_array()) {
    const json::object& function = call.at("function").as_object();
    calls.push_back({.id = call.at("id"),
                     .name = std::string(function.at("name").as_string()),
                     .arguments = std::string(function.at("arguments").as_string())});
  }
  return calls;
} catch (const std::exception&) {
  throw LlmError(LlmError::Kind::kMalformed,
                 "the model called a tool in a way that is not OpenAI's: " + json::serialize(message.at("tool_calls")));
}

json::object Answer(const ToolRegistry& tools, const ToolCall& call) {
  std::string content;
  try {
    content = Run(tools, call);
  } catch (const std::exception& exception) {
    content = json::serialize(json::object{{"error", exception.what()}});
  }
  return {{"role", "tool"}, {"tool_call_id", call.id}, {"name", call.name}, {"content", content}};
}

}  // namespace stack
