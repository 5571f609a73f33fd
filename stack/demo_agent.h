// What the stack's programs share: the demo agent over the bundled notes or a folder's, traced, and its flags.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "stack/agent.h"
#include "stack/builtin_tools.h"

namespace stack {

struct DemoArguments {
  std::string llm_url = {};       // empty: LlmConfig::FromEnvironment()
  std::string endpoint = {};      // of traces; empty: from the environment
  std::string service_name = {};  // of the traces
  std::string docs = {};          // folder to search; empty: the bundled notes
};

// --llm-url, --endpoint, --service-name and --docs. REQUIRES: `arguments` outlives `app`.
void AddFlags(CLI::App& app, DemoArguments& arguments);

// Throws std::runtime_error, with the reason, unless it started or is turned off.
void StartTracing(const DemoArguments& arguments, bool console = false);

// Throws when the folder cannot be read.
class DemoAgent {
 public:
  explicit DemoAgent(const DemoArguments& arguments);
  DemoAgent(const DemoAgent&) = delete;  // its parts refer to each other
  DemoAgent& operator=(const DemoAgent&) = delete;

  [[nodiscard]] const Agent& agent() const { return agent_; }

 private:
  const LlmClient llm_;
  const HybridRetriever retriever_;
  ToolRegistry tools_;
  const Agent agent_;
};

}  // namespace stack
