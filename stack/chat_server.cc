// chat_server: the agent over HTTP, until SIGTERM or SIGINT.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "nightjar/tracing.h"
#include "stack/builtin_tools.h"
#include "stack/chat_service.h"
#include "stack/documents.h"
#include "stack/serve.h"

namespace {

// Together with a call's last second less than the ten that a supervisor waits after SIGTERM.
constexpr std::chrono::seconds kDrainTime{6};
constexpr std::chrono::seconds kFlushTime{2};

struct Arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::string llm_url;
  std::string endpoint;
  std::string service_name = "stack-chat";
  std::string docs;
};

void StartTracing(const Arguments& arguments) {
  const nightjar::InitStatus status =
      nightjar::InitTracing({.service_name = arguments.service_name, .endpoint = arguments.endpoint});
  if (status == nightjar::InitStatus::kStarted || status == nightjar::InitStatus::kDisabled) return;
  throw std::runtime_error("tracing did not start: " + nightjar::tracing_stats().last_error);
}

void Serve(const Arguments& arguments) {
  stack::BlockStopSignals();
  StartTracing(arguments);
  stack::LlmConfig config = stack::LlmConfig::FromEnvironment();
  if (!arguments.llm_url.empty()) config.server.base_url = arguments.llm_url;
  const stack::LlmClient llm(std::move(config));
  const stack::HybridRetriever retriever(
      arguments.docs.empty() ? stack::DemoCorpus() : stack::ChunkDocuments(stack::LoadDocuments(arguments.docs)),
      stack::RetrieverParts::FromEnvironment());
  stack::ToolRegistry tools;
  stack::RegisterBuiltinTools(tools, retriever);
  const stack::Agent agent(llm, tools, stack::kSystemPrompt);
  const stack::FeedbackClient feedback(nightjar::tracing_endpoint(), stack::Environment("PHOENIX_API_KEY", ""));
  stack::ChatService service(agent, feedback);
  {
    stack::HttpServer server(
        arguments.host, arguments.port, [&](const stack::HttpRequest& request) { return service.Answer(request); }, {},
        &stack::ChatService::Refuse);
    stack::AnnounceAndWait(server.address());
    if (!server.Drain(kDrainTime)) service.Stop();
  }
  if (nightjar::ShutdownTracing(kFlushTime) != nightjar::FlushStatus::kFlushed) {
    std::fprintf(stderr, "the last traces were not delivered: %s\n", nightjar::tracing_stats().last_error.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Answers questions over HTTP, traced.");
  app.add_option("--host", arguments.host, "address to listen on")->capture_default_str();
  app.add_option("--port", arguments.port, "port; 0 takes a free one")->capture_default_str();
  app.add_option("--llm-url", arguments.llm_url,
                 "base URL of a chat server, such as http://127.0.0.1:8080/v1 [LLM_BASE_URL]");
  app.add_option("--endpoint", arguments.endpoint,
                 "where to send traces [PHOENIX_COLLECTOR_ENDPOINT, http://localhost:6006]");
  app.add_option("--service-name", arguments.service_name, "service.name of the traces")->capture_default_str();
  app.add_option("--docs", arguments.docs, "folder of .md and .txt files to search; left out: the bundled notes");
  CLI11_PARSE(app, argc, argv);
  return stack::ServeOrExplain("chat_server", arguments.port, [&] { Serve(arguments); });
}
