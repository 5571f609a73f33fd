// Runs the demo agent once, traced, and prints its answer and where to see the trace.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "nightjar/tracing.h"
#include "stack/agent.h"
#include "stack/builtin_tools.h"
#include "stack/documents.h"

namespace {

struct Arguments {
  std::string llm_url;
  std::string endpoint;
  std::string service_name = "stack-dev";
  std::string user;
  std::string session;
  std::string docs;
  bool console = false;
  std::string goal = "Compare Postgres and SQLite for a small Django app's database.";
};

// "http://host:port/v1/traces" → "http://host:port/traces/ID", the page of the trace.
std::string TraceAddress(const std::string& endpoint, const std::string& trace_id) {
  const std::size_t host = endpoint.find("://") + 3;
  return endpoint.substr(0, endpoint.find('/', host)) + "/traces/" + trace_id;
}

stack::AgentResult Run(const Arguments& arguments) {
  stack::LlmConfig config = stack::LlmConfig::FromEnvironment();
  if (!arguments.llm_url.empty()) config.server.base_url = arguments.llm_url;
  const stack::LlmClient llm(std::move(config));
  const stack::HybridRetriever retriever(
      arguments.docs.empty() ? stack::DemoCorpus() : stack::ChunkDocuments(stack::LoadDocuments(arguments.docs)),
      stack::RetrieverParts::FromEnvironment());
  stack::ToolRegistry tools;
  stack::RegisterBuiltinTools(tools, retriever);
  const stack::Agent agent(llm, tools, stack::kSystemPrompt);
  return agent.Run(arguments.goal, {.user_id = arguments.user, .session_id = arguments.session});
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs the demo agent once and sends its trace.");
  app.add_option("--llm-url", arguments.llm_url,
                 "base URL of a chat server, such as http://127.0.0.1:8080/v1 [LLM_BASE_URL]");
  app.add_option("--endpoint", arguments.endpoint,
                 "where to send the trace [PHOENIX_COLLECTOR_ENDPOINT, http://localhost:6006]");
  app.add_option("--service-name", arguments.service_name, "service.name of the trace")->capture_default_str();
  app.add_option("--user", arguments.user, "user.id of the run");
  app.add_option("--session", arguments.session, "session.id of the run");
  app.add_option("--docs", arguments.docs, "folder of .md and .txt files to search; left out: the bundled notes");
  app.add_flag("--console", arguments.console, "print the spans too");
  app.add_option("goal", arguments.goal, "what the agent shall do")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const nightjar::InitStatus status = nightjar::InitTracing(
      {.service_name = arguments.service_name, .endpoint = arguments.endpoint, .console = arguments.console});
  if (status != nightjar::InitStatus::kStarted && status != nightjar::InitStatus::kDisabled) {
    std::fprintf(stderr, "tracing did not start: %s\n", nightjar::tracing_stats().last_error.c_str());
    return 2;
  }
  const std::string endpoint = nightjar::tracing_endpoint();

  int exit_code = 0;
  std::string trace_id;
  try {
    const stack::AgentResult result = Run(arguments);
    std::printf("\n%s\n\n", result.final.c_str());
    trace_id = result.trace_id;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "the agent failed: %s\n", error.what());
    exit_code = 1;
  }
  if (nightjar::ShutdownTracing() != nightjar::FlushStatus::kFlushed) {
    std::fprintf(stderr, "the trace was not delivered: %s\n", nightjar::tracing_stats().last_error.c_str());
    return exit_code == 0 ? 3 : exit_code;
  }
  if (!trace_id.empty() && !endpoint.empty()) std::printf("Trace: %s\n", TraceAddress(endpoint, trace_id).c_str());
  return exit_code;
}
