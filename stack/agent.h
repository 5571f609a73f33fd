// An agent: asks a model, runs the tools it calls, and ends with an answer in words.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "stack/llm.h"
#include "stack/tools.h"

namespace stack {

extern const char* const kSystemPrompt;

struct AgentConfig {
  int iterations_max = 8;  // rounds of model and tools, before the final answer
  double temperature = 0.7;
  std::string user_id = {};     // empty: not recorded
  std::string session_id = {};  // empty: not recorded
};

struct AgentResult {
  std::string final = {};  // the answer
  std::string stop_reason =
      {};  // "final_answer": the model was done; "max_iterations": it was stopped and had to answer
  int iterations = 0;
  std::string trace_id = {};  // empty when tracing is off
};

// Thread-safe.
class Agent {
 public:
  // REQUIRES: `llm` and `tools` outlive the agent.
  Agent(const LlmClient& llm, const ToolRegistry& tools, std::string system_prompt)
      : llm_(llm), tools_(tools), system_prompt_(std::move(system_prompt)) {}

  // The loop ends when the model answers in words: its draft. One more call without tools then makes the final answer
  // out of the draft, or out of what was read when the loop ran out of iterations.
  // A tool that fails does not end the run: the model is told. Throws LlmError.
  // Traced as a span "agent.run", the parent of all model and tool calls.
  [[nodiscard]] AgentResult Run(std::string_view goal, const AgentConfig& config = {}) const;

 private:
  AgentResult Converse(std::string_view goal, const AgentConfig& config) const;
  // The content of the `tool` message that answers one tool call.
  [[nodiscard]] std::string Dispatch(const boost::json::object& function) const;

  const LlmClient& llm_;
  const ToolRegistry& tools_;
  const std::string system_prompt_;
};

}  // namespace stack
