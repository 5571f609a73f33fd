// Runs the demo agent once, traced, and prints its answer and where to see the trace.
#include <cstdio>
#include <string>

#include "nightjar/tracing.h"
#include "stack/demo_agent.h"

namespace {

struct Arguments {
  stack::DemoArguments demo{.service_name = "stack-dev"};
  std::string user;
  std::string session;
  bool console = false;
  std::string goal = "Compare Postgres and SQLite for a small Django app's database.";
};

// "http://host:port/v1/traces" → "http://host:port/traces/ID", the page of the trace.
std::string TraceAddress(const std::string& endpoint, const std::string& trace_id) {
  const std::size_t host = endpoint.find("://") + 3;
  return endpoint.substr(0, endpoint.find('/', host)) + "/traces/" + trace_id;
}

stack::AgentResult Run(const Arguments& arguments) {
  const stack::DemoAgent demo(arguments.demo);
  return demo.agent().Run(arguments.goal, {.user_id = arguments.user, .session_id = arguments.session});
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs the demo agent once and sends its trace.");
  stack::AddFlags(app, arguments.demo);
  app.add_option("--user", arguments.user, "user.id of the run");
  app.add_option("--session", arguments.session, "session.id of the run");
  app.add_flag("--console", arguments.console, "print the spans too");
  app.add_option("goal", arguments.goal, "what the agent shall do")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  try {
    stack::StartTracing(arguments.demo, arguments.console);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
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
