#include "stack/demo_agent.h"

#include <stdexcept>

#include "nightjar/tracing.h"
#include "stack/documents.h"

namespace stack {
namespace {

LlmConfig ConfigOf(const DemoArguments& arguments) {
  LlmConfig config = LlmConfig::FromEnvironment();
  if (!arguments.llm_url.empty()) config.server.base_url = arguments.llm_url;
  return config;
}

}  // namespace

void AddFlags(CLI::App& app, DemoArguments& arguments) {
  app.add_option("--llm-url", arguments.llm_url,
                 "base URL of a chat server, such as http://127.0.0.1:8080/v1 [LLM_BASE_URL]");
  app.add_option("--endpoint", arguments.endpoint,
                 "where to send traces [PHOENIX_COLLECTOR_ENDPOINT, http://localhost:6006]");
  app.add_option("--service-name", arguments.service_name, "service.name of the traces")->capture_default_str();
  app.add_option("--docs", arguments.docs, "folder of .md and .txt files to search; left out: the bundled notes");
}

void StartTracing(const DemoArguments& arguments, bool console) {
  const nightjar::InitStatus status = nightjar::InitTracing(
      {.service_name = arguments.service_name, .endpoint = arguments.endpoint, .console = console});
  if (status == nightjar::InitStatus::kStarted || status == nightjar::InitStatus::kDisabled) return;
  throw std::runtime_error("tracing did not start: " + nightjar::tracing_stats().last_error);
}

DemoAgent::DemoAgent(const DemoArguments& arguments)
    : llm_(ConfigOf(arguments)),
      retriever_(arguments.docs.empty() ? DemoCorpus() : ChunkDocuments(LoadDocuments(arguments.docs)),
                 RetrieverParts::FromEnvironment()),
      agent_(llm_, tools_, kSystemPrompt) {
  RegisterBuiltinTools(tools_, retriever_);
}

}  // namespace stack
