#include "stack/agent.h"

#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "stack/tool_calls.h"

namespace stack {
namespace {

namespace json = boost::json;
namespace oi = nightjar::openinference;

constexpr const char* kReviewPrompt =
    "Check your draft against the chunks you read, then give the final answer with chunk ids. No more tools.";
constexpr const char* kAnswerPrompt = "Answer now from what you have read, with chunk ids. No more tools.";
constexpr const char* kOutOfTokens = "I have used all the tokens I may use for this question, and have no answer.";

// The message's words; empty when it has none.
std::string TextOf(const json::object& message) {
  const json::value* content = message.if_contains("content");
  return content == nullptr || !content->is_string() ? std::string() : std::string(content->get_string());
}

std::string AnswerOf(const ChatReply& reply) {
  std::string words = TextOf(reply.message);
  if (!words.empty()) return words;
  throw LlmError(LlmError::Kind::kMalformed,
                 "the model answered without words" +
                     (reply.finish_reason.empty() ? "" : ", finish reason " + reply.finish_reason));
}

}  // namespace

const char* const kSystemPrompt =
    "You answer questions from a collection of notes. Search before you answer, read the chunks that matter, name the "
    "ids of the chunks you rely on, and be brief.";

AgentResult Agent::Run(std::string_view goal, const AgentConfig& config) const {
  const nightjar::Scope who = nightjar::UsingAttributes({.session_id = config.session_id, .user_id = config.user_id});
  nightjar::Span root = nightjar::AgentSpan(goal);
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
  json::array history{{{"role", "system"}, {"content", system_prompt_}}};
  for (const json::value& message : config.history) history.push_back(message);
  history.push_back({{"role", "user"}, {"content", goal}});
  AgentResult result;
  Loop(history, config, result);
  if (result.stop_reason.empty()) result.stop_reason = "max_iterations";
  const bool draft = result.stop_reason == "final_answer";
  if (result.stop_reason == "length" || (draft && !config.review)) return result;
  if (result.tokens >= config.tokens_max) {
    result.stop_reason = "token_budget";
    if (result.final.empty()) result.final = kOutOfTokens;
    return result;
  }
  // The name tells whoever reads the messages that no user said this.
  history.push_back({{"role", "user"}, {"name", "reviewer"}, {"content", draft ? kReviewPrompt : kAnswerPrompt}});
  const ChatReply reply =
      llm_.Chat(history, {.temperature = config.temperature, .on_text = config.on_text, .stop = config.stop});
  result.tokens += reply.total_tokens.value_or(0);
  result.final = AnswerOf(reply);
  return result;
}

void Agent::Loop(json::array& history, const AgentConfig& config, AgentResult& result) const {
  ChatOptions options{.temperature = config.temperature, .tools = tools_.Schemas(), .stop = config.stop};
  if (!config.review) options.on_text = config.on_text;
  while (result.iterations < config.iterations_max && result.tokens < config.tokens_max) {
    ++result.iterations;
    const ChatReply reply = llm_.Chat(history, options);
    result.tokens += reply.total_tokens.value_or(0);
    history.push_back(reply.message);
    const std::vector<ToolCall> calls = ReadToolCalls(reply.message);
    result.final = calls.empty() ? AnswerOf(reply) : TextOf(reply.message);
    if (calls.empty()) {
      result.stop_reason = reply.finish_reason == "length" ? "length" : "final_answer";
      return;
    }
    for (const ToolCall& call : calls) history.push_back(Answer(tools_, call));
  }
}

}  // namespace stack
