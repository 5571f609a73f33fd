#include "app/bench.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "app/arguments.h"
#include "bench/report.h"
#include "bench/run.h"
#include "bench/scratch_server.h"

namespace nightjar::app {
namespace {

using namespace nightjar::bench;

namespace fs = std::filesystem;

struct Flags {
  std::vector<std::string> datasets = {"jaeger", "llm", "agent30"};
  std::size_t spans = 400'000;
  std::size_t batch = 512;
  std::size_t connections = 8;
  double rate = 0;
  std::uint64_t seed = 1;
  unsigned settle_s = 12;
  std::string endpoint;
  pid_t pid = 0;
  std::string data_dir;
  std::string scratch = fs::temp_directory_path().string();
  bool json = false;
};

void AddFlags(CLI::App& command, Flags& flags) {
  command
      .add_option("--dataset", flags.datasets, "jaeger, llm, agent30; several: one run each, on a server of its own")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--spans", flags.spans, "spans to send in each run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--batch", flags.batch, "spans in a request")->check(CLI::PositiveNumber)->capture_default_str();
  command.add_option("--connections", flags.connections, "requests in flight at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--rate", flags.rate, "spans a second to offer (open loop); 0: as fast as answers come")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seed", flags.seed, "other seeds make other ids")->capture_default_str();
  command.add_option("--settle", flags.settle_s, "seconds to measure on after the last acknowledgement")
      ->capture_default_str();
  command.add_option("--scratch", flags.scratch, "where the servers' data directories are made")->capture_default_str();
  command.add_option("--endpoint", flags.endpoint,
                     "HOST:PORT of a running OTLP/HTTP receiver, instead of a server of our own");
  command.add_option("--pid", flags.pid, "that receiver's process id, to report its CPU and memory")
      ->needs("--endpoint");
  command.add_option("--data-dir", flags.data_dir, "that receiver's directory, to report its disk use")
      ->needs("--endpoint");
  command.add_flag("--json", flags.json, "print JSON instead of a table");
}

Result<void> SetEndpoint(const std::string& endpoint, SendOptions& send) {
  const std::size_t colon = endpoint.rfind(':');
  unsigned port = 0;
  if (colon == std::string::npos || !CLI::detail::lexical_cast(endpoint.substr(colon + 1), port) || port == 0 ||
      port > 65535)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("--endpoint {} is not HOST:PORT", endpoint));
  send.host = endpoint.substr(0, colon);
  send.port = static_cast<std::uint16_t>(port);
  return {};
}

UnixNanos Now() {
  return static_cast<UnixNanos>(std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
}

// One run against the endpoint, or against a new server that lives as long as the run.
Result<RunReport> RunOne(const Flags& flags, const std::string& dataset, const fs::path& program) {
  RunOptions options;
  ASSIGN_OR_RETURN(options.workload.dataset, DatasetFromName(dataset));
  options.workload.spans = flags.spans;
  options.workload.spans_per_body = flags.batch;
  options.workload.seed = flags.seed;
  options.workload.end_unix_ns = Now();
  options.send.connections = flags.connections;
  options.send.spans_per_s = flags.rate;
  options.settle = std::chrono::seconds(flags.settle_s);
  if (!flags.endpoint.empty()) {
    RETURN_IF_ERROR(SetEndpoint(flags.endpoint, options.send));
    options.server_pid = flags.pid;
    options.data_directory = flags.data_dir;
    return MeasureIngest(options);
  }
  ASSIGN_OR_RETURN(const ScratchServer server, ScratchServer::Start(program, flags.scratch));
  options.send.port = server.otlp_http_port();
  options.server_pid = server.pid();
  options.data_directory = server.data_directory();
  ASSIGN_OR_RETURN(RunReport report, MeasureIngest(options));
  ASSIGN_OR_RETURN(report.storage_bytes, server.StorageBytes());
  return report;
}

Result<void> Ingest(const Flags& flags, const fs::path& program) {
  const Machine machine = DescribeMachine(flags.data_dir.empty() ? flags.scratch : flags.data_dir);
  std::vector<RunReport> runs;
  for (const std::string& dataset : flags.datasets) {
    ASSIGN_OR_RETURN(RunReport run, RunOne(flags, dataset, program));
    runs.push_back(std::move(run));
  }
  const std::string loop =
      flags.rate > 0 ? fmt::format("open loop at {:.0f} spans/s, latency from when a request was due", flags.rate)
                     : "closed loop, latency from when a request was sent";
  const Setting setting{
      machine,
      fmt::format("OTLP/HTTP protobuf, uncompressed, {} spans a request, {} connections, {}; bodies made before "
                  "the run; CPU and memory of the server with its children; settled: {} s after the last ack",
                  flags.batch, flags.connections, loop, flags.settle_s)};
  std::cout << (flags.json ? ToJsonText(setting, runs) : ToTable(setting, runs));
  return {};
}

}  // namespace

int RunBench(int argc, char** argv) {
  CLI::App app("Measures what ingest costs.", "nightjar bench");
  app.require_subcommand(1);
  CLI::App* command = app.add_subcommand("ingest", "spans/s, acknowledgement latency, CPU, memory and bytes per span");
  Flags flags;
  AddFlags(*command, flags);
  if (const auto code = ParseArguments(app, argc, argv)) return *code;
  const fs::path program = fs::read_symlink("/proc/self/exe");
  if (const Result<void> done = Ingest(flags, program); !done) {
    fmt::print(stderr, "nightjar: {}\n", done.error().message);
    return 1;
  }
  return 0;
}

}  // namespace nightjar::app
