// The tool calls of a model's message, and their answers.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "stack/tools.h"

namespace stack {

struct ToolCall {
  boost::json::value id;
  std::string name;
  std::string arguments;  // JSON text, or what the model thinks it is
};

// Empty when the message has none. Throws LlmError when a call has another shape than OpenAI's.
std::vector<ToolCall> ReadToolCalls(const boost::json::object& message);

// Runs the tool. Returns the message of role `tool` that tells the model the result, or what went wrong.
// Traced as a span "tool.<name>"; the exception of a tool that fails is recorded there.
boost::json::object Answer(const ToolRegistry& tools, const ToolCall& call);

}  // namespace stack
