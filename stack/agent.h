// An agent: asks a model, runs the tools it calls, and ends with an answer in words.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "stack/llm.h"
#include "stack/tools.h"

namespace stack {

extern const char* const kSystemPrompt;

struct AgentConfig {
  int iterations_max = 8;             // rounds of model and tools, before the final answer
  std::int64_t tokens_max = 200'000;  // no call is made once those before it used so many, as the server counts
  double temperature = 0.7;
  // Once the model answers in words, it is asked to check that draft: what it says then is the answer. Costs a call.
  bool review = true;
  boost::json::array history = {};  // messages of the conversation before the goal
  std::string user_id = {};         // on every span of the run; empty: not recorded
  std::string session_id = {};      // empty: not recorded
  // Set: what the model says is passed here as it comes: with `review` the last call only, else also what it says
  // beside its tool calls.
  std::function<void(std::string_view)> on_text = {};
  std::stop_token stop = {};  // ends the run, which then throws LlmError
};

struct AgentResult {
  std::string final = {};  // the answer
  // "final_answer"    the model was done
  // "max_iterations"  it was stopped, and answered from what it had read
  // "token_budget"    the tokens are used up: `final` is what it said last, or says so
  // "length"          the answer is cut off where the server's limit of one answer is
  std::string stop_reason = {};
  int iterations = 0;
  std::int64_t tokens = 0;    // that the server told of
  std::string trace_id = {};  // empty when tracing is off
};

// Thread-safe.
class Agent {
 public:
  // REQUIRES: `llm` and `tools` outlive the agent.
  Agent(const LlmClient& llm, const ToolRegistry& tools, std::string system_prompt)
      : llm_(llm), tools_(tools), system_prompt_(std::move(system_prompt)) {}

  // The loop ends when the model answers in words, or at a limit of the config. A tool that fails does not end the run:
  // the model is told. Throws LlmError.
  // Traced as a span "agent.run", the parent of all model and tool calls.
  [[nodiscard]] AgentResult Run(std::string_view goal, const AgentConfig& config = {}) const;

 private:
  AgentResult Converse(std::string_view goal, const AgentConfig& config) const;
  // Rounds of model and tools, until result.stop_reason is set or the iterations are used up.
  void Loop(boost::json::array& history, const AgentConfig& config, AgentResult& result) const;

  const LlmClient& llm_;
  const ToolRegistry& tools_;
  const std::string system_prompt_;
};

}  // namespace stack
