// chat_server: the agent over HTTP, until SIGTERM or SIGINT.
#include <cstdio>
#include <string>

#include "nightjar/tracing.h"
#include "stack/chat_service.h"
#include "stack/demo_agent.h"
#include "stack/serve.h"

namespace {

// Together with a call's last second less than the ten that a supervisor waits after SIGTERM.
constexpr std::chrono::seconds kDrainTime{6};
constexpr std::chrono::seconds kFlushTime{2};

struct Arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  stack::DemoArguments demo{.service_name = "stack-chat"};
};

void Serve(const Arguments& arguments) {
  stack::BlockStopSignals();
  stack::StartTracing(arguments.demo);
  const stack::DemoAgent demo(arguments.demo);
  const stack::FeedbackClient feedback(nightjar::tracing_endpoint(), stack::Environment("PHOENIX_API_KEY", ""));
  stack::ChatService service(demo.agent(), feedback);
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
  stack::AddFlags(app, arguments.demo);
  CLI11_PARSE(app, argc, argv);
  return stack::ServeOrExplain("chat_server", arguments.port, [&] { Serve(arguments); });
}
