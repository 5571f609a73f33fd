#include "stack/agent.h"

#include "nightjar/llm.h"
#include "nightjar/openinference.h"

namespace stack {
namespace {

namespace json = boost::json;
namespace oi = nightjar::openinference;

constexpr const char* kFinalPrompt =
    "Check your draft against the chunks you read, then give the final answer with chunk ids. No more tools.";
constexpr std::size_t kOutputBytesMax = 1'000;

// The first bytes of `text`, without cutting a UTF-8 character in two.
std::string_view Head(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
  return text.substr(0, bytes_max);
}

// The tool calls of a message; null when it has none.
const json::array* ToolCalls(const json::object& message) {
  const json::value* calls = message.if_contains("tool_calls");
  if (calls == nullptr || !calls->is_array() || calls->get_array().empty()) return nullptr;
  return &calls->get_array();
}

std::string Content(const json::object& message) {
  const json::value* content = message.if_contains("content");
  if (content == nullptr || !content->is_string()) throw LlmError("the model answered without words");
  return std::string(content->get_string());
}

json::object ParseArguments(std::string_view text) try {
  return text.empty() ? json::object() : json::parse(text).as_object();
} catch (const std::exception&) {
  throw ToolError("the arguments are not a JSON object: " + std::string(text));
}

}  // namespace

const char* const kSystemPrompt =
    "You answer questions from a collection of notes. Search before you answer, read the chunks that matter, name the "
    "ids of the chunks you rely on, and be brief.";

AgentResult Agent::Run(std::string_view goal, const AgentConfig& config) const {
  nightjar::Span root = nightjar::AgentSpan(goal);
  if (!config.user_id.empty()) root.SetAttribute(oi::kUserId, config.user_id);
  if (!config.session_id.empty()) root.SetAttribute(oi::kSessionId, config.session_id);
  return nightjar::Traced(root, [&] {
    AgentResult result = Converse(goal, config);
    root.SetAttribute(oi::kOutputValue, result.final);
    root.SetAttribute("agent.stop_reason", result.stop_reason);
    root.SetAttribute("agent.iterations", result.iterations);
    if (root.context().valid()) result.trace_id = root.context().trace_id_hex();
    return result;
  });
}

AgentResult Agent::Converse(std::string_view goal, const AgentConfig& config) const {
  json::array history{{{"role", "system"}, {"content", system_prompt_}}, {{"role", "user"}, {"content", goal}}};
  const ChatOptions with_tools{.temperature = config.temperature, .tools = tools_.Schemas()};
  AgentResult result{.stop_reason = "max_iterations"};
  while (result.iterations < config.iterations_max) {
    ++result.iterations;
    const json::object message = llm_.Chat(history, with_tools);
    history.push_back(message);
    const json::array* calls = ToolCalls(message);
    if (calls == nullptr) {
      result.stop_reason = "final_answer";
      break;
    }
    for (const json::value& call : *calls) {
      const json::object& function = call.at("function").as_object();
      history.push_back({{"role", "tool"},
                         {"tool_call_id", call.at("id")},
                         {"name", function.at("name")},
                         {"content", Dispatch(function)}});
    }
  }
  history.push_back({{"role", "user"}, {"content", kFinalPrompt}});
  result.final = Content(llm_.Chat(history, {.temperature = config.temperature}));
  return result;
}

std::string Agent::Dispatch(const json::object& function) const {
  const std::string name(function.at("name").as_string());
  const std::string arguments(function.at("arguments").as_string());
  nightjar::Span span = nightjar::ToolSpan(name, arguments);
  try {
    return nightjar::Traced(span, [&] {
      std::string content = json::serialize(tools_.Call(name, ParseArguments(arguments)));
      span.SetAttribute(oi::kOutputValue, Head(content, kOutputBytesMax));
      return content;
    });
  } catch (const std::exception& exception) {
    return json::serialize(json::object{{"error", exception.what()}});
  }
}

}  // namespace stack
