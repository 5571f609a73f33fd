#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/backup.h"
#include "app/bench.h"
#include "app/config.h"
#include "app/doctor.h"
#include "app/export.h"
#include "app/query.h"
#include "app/restore.h"
#include "app/selfcheck.h"
#include "app/serve.h"
#include "app/tail.h"
#include "app/trace.h"
#include "engine/child.h"

namespace {

constexpr std::string_view kHelp =
    R"(Nightjar: LLM observability. Receives OpenTelemetry traces, keeps them, shows what the model was shown.

usage: nightjar <command> [options]

  serve     receive traces and serve the web UI and the API (nightjar serve --help)
  backup    copy what a server keeps, while it runs or not (nightjar backup --help)
  restore   make a data directory of a backup (nightjar restore --help)
  query     ask a running server, in SQL or in the query language (nightjar query --help)
  tail      show spans as they arrive (nightjar tail --help)
  export    write spans or a trace to a file (nightjar export --help)
  trace     show one trace of a running server in the terminal (nightjar trace --help)
  doctor    say what is wrong with a server or with what it receives (nightjar doctor --help)
  selfcheck send traces to a running server and check that they come back (nightjar selfcheck --help)
  bench     measure ingest on this machine (nightjar bench --help)
  version   print the version
  help      print this
)";

int Complain(const std::string& message) {
  std::cerr << "nightjar: " << message << "\n";
  return 1;
}

int RunServe(const std::vector<std::string>& arguments) {
  const auto read = nightjar::app::ReadServeConfig(arguments);
  if (!read) return Complain(read.error().message);
  if (!read->config) return read->exit_code;
  const auto served = nightjar::app::Serve(*read->config);
  return served ? 0 : Complain(served.error().message);
}

// Started by serve, not by people.
int RunEngine(int argc, char** argv) {
  CLI::App cli("the telemetry engine's process");
  nightjar::engine::ChildOptions options;
  cli.add_option("--library", options.library)->required();
  cli.add_option("--data-path", options.data_path)->required();
  cli.add_option("--socket", options.socket_path)->required();
  cli.add_option("--memory-bytes", options.memory_bytes_max)->required();
  cli.add_option("--parent-pid", options.parent)->required();
  CLI11_PARSE(cli, argc, argv);
  return nightjar::engine::RunChild(options);
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("nightjar"));
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::string command = arguments.empty() ? "help" : arguments[0];
  const std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (command == "serve") return RunServe(rest);
  if (command == "bench") return nightjar::app::RunBench(argc - 1, argv + 1);
  if (command == "selfcheck") return nightjar::app::RunSelfcheck(argc - 1, argv + 1);
  if (command == "doctor") return nightjar::app::RunDoctor(argc - 1, argv + 1);
  if (command == "query") return nightjar::app::RunQuery(argc - 1, argv + 1);
  if (command == "tail") return nightjar::app::RunTail(argc - 1, argv + 1);
  if (command == "export") return nightjar::app::RunExport(argc - 1, argv + 1);
  if (command == "trace") return nightjar::app::RunTrace(argc - 1, argv + 1);
  if (command == "backup") return nightjar::app::RunBackup(argc - 1, argv + 1);
  if (command == "restore") return nightjar::app::RunRestore(argc - 1, argv + 1);
  if (command == "engine") return RunEngine(argc - 1, argv + 1);
  if (command == "version" || command == "--version") {
    std::cout << "nightjar " << NIGHTJAR_VERSION << "\n";
    return 0;
  }
  if (command == "help" || command == "--help" || command == "-h") {
    std::cout << kHelp;
    return 0;
  }
  return Complain("unknown command \"" + command + "\"; see nightjar help");
}
