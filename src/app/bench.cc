#include "app/bench.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "base/durable_file.h"
#include "base/now.h"
#include "base/progress.h"
#include "bench/figures.h"
#include "bench/ingest_run.h"
#include "bench/query_run.h"
#include "bench/scratch_server.h"
#include "bench/size_run.h"

namespace nightjar::app {
namespace {

namespace fs = std::filesystem;

// Of every benchmark.
struct CommonFlags {
  std::vector<std::string> datasets;
  bench::WorkloadOptions workload;
  std::string scratch = fs::temp_directory_path().string();
  std::string json_file;
  std::string compare_file;
};

struct IngestFlags {
  bench::IngestOptions options;
  std::vector<std::string> transports = {"http"};
  unsigned sustained_s = 0, settle_s = 12, half_s = 5, mixed_s = 10, trickle_s = 10, idle_s = 25;
  std::string endpoint;
  bench::Target target;
};

using MeasureOne = std::function<Result<bench::Column>(const bench::WorkloadOptions&, const bench::Target&)>;

void AddCommonFlags(CLI::App& command, CommonFlags& flags) {
  command
      .add_option("--dataset", flags.datasets, "jaeger, llm, agent30; several: one run each, on a server of its own")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--spans", flags.workload.spans, "spans to send in each run")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--batch", flags.workload.spans_per_body, "spans in a request")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--seed", flags.workload.seed, "other seeds make other ids")->capture_default_str();
  command.add_option("--scratch", flags.scratch, "where the servers' data directories are made")->capture_default_str();
  command.add_option("--json", flags.json_file, "also write the figures to this file")->type_name("FILE");
  command.add_option("--compare", flags.compare_file, "show ratios to the figures in this file")->type_name("FILE");
}

void AddIngestFlags(CLI::App& command, IngestFlags& flags) {
  command.add_option("--transport", flags.transports, "http, gzip (HTTP, compressed), grpc; several: one run each")
      ->delimiter(',')
      ->check(CLI::IsMember({"http", "gzip", "grpc"}))
      ->capture_default_str();
  command.add_option("--connections", flags.options.connections, "requests in flight at most")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command
      .add_option("--rate", flags.options.spans_per_s,
                  "spans a second to offer (open loop); 0: as fast as answers come (closed loop)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--seconds", flags.sustained_s,
                     "send for so long instead of --spans; gzip then compresses while it sends");
  command.add_option("--settle", flags.settle_s, "seconds to measure on after the last acknowledgement")
      ->capture_default_str();
  command.add_option("--half", flags.half_s, "seconds at half the speed that was reached; 0: leave out")
      ->capture_default_str();
  command.add_option("--mixed", flags.mixed_s, "seconds of reading while ingesting; 0: leave out")
      ->capture_default_str();
  command
      .add_option("--mixed-rate", flags.options.mixed_spans_per_s,
                  "spans a second while reading, at most half the speed that was reached")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--trickle", flags.trickle_s, "seconds of ten clients with 10 spans each 100 ms; 0: leave out")
      ->capture_default_str();
  command.add_option("--idle", flags.idle_s, "seconds without any request; 0: leave out")->capture_default_str();
  command.add_option("--endpoint", flags.endpoint,
                     "HOST:PORT of a running OTLP/HTTP receiver, instead of a server of our own");
  command.add_option("--grpc-port", flags.target.grpc_port, "that receiver's OTLP/gRPC port")->needs("--endpoint");
  command.add_option("--api-port", flags.target.api_port, "its port of the API, if it is a nightjar")
      ->needs("--endpoint");
  command.add_option("--pid", flags.target.pid, "its process id, to report its CPU and memory")->needs("--endpoint");
  command.add_option("--data-dir", flags.target.data_directory, "its directory, to report its disk use")
      ->needs("--endpoint");
}

Result<void> SetEndpoint(const std::string& endpoint, bench::Target& target) {
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string::npos || !CLI::detail::lexical_cast(endpoint.substr(colon + 1), target.otlp_http_port) ||
      target.otlp_http_port == 0)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("--endpoint {} is not HOST:PORT", endpoint));
  target.host = endpoint.substr(0, colon);
  return {};
}

// What --compare names; read before the run, which takes minutes.
Result<std::optional<bench::Report>> Baseline(const CommonFlags& flags) {
  if (flags.compare_file.empty()) return std::nullopt;
  std::ifstream stream(flags.compare_file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Fail(ErrorCode::kNotFound, fmt::format("cannot read {}", flags.compare_file));
  return bench::FromJsonText(text);
}

// Runs `measure` for each data set, on the running target or on a new server that lives as long as the run.
Result<void> RunAll(const CommonFlags& flags, const bench::Target* running, const MeasureOne& measure,
                    bench::Report& report) {
  for (const std::string& name : flags.datasets) {
    bench::WorkloadOptions workload = flags.workload;
    ASSIGN_OR_RETURN(workload.dataset, bench::DatasetFromName(name));
    workload.end_unix_ns = Now();
    std::optional<bench::ScratchServer> server;
    if (running == nullptr) {
      ASSIGN_OR_RETURN(bench::ScratchServer started,
                       bench::ScratchServer::Start(fs::read_symlink("/proc/self/exe"), flags.scratch));
      server.emplace(std::move(started));
    }
    ASSIGN_OR_RETURN(bench::Column column, measure(workload, running != nullptr ? *running : bench::TargetOf(*server)));
    report.columns.push_back(std::move(column));
  }
  return {};
}

Result<void> Print(const CommonFlags& flags, const bench::Report& report,
                   const std::optional<bench::Report>& baseline) {
  std::cout << bench::ToTable(report, baseline ? &*baseline : nullptr);
  if (!flags.json_file.empty()) RETURN_IF_ERROR(WriteFileDurably(flags.json_file, bench::ToJsonText(report)));
  return {};
}

Result<void> Ingest(const CommonFlags& flags, IngestFlags& ingest) {
  ASSIGN_OR_RETURN(const std::optional<bench::Report> baseline, Baseline(flags));
  const bool running = !ingest.endpoint.empty();
  if (running) RETURN_IF_ERROR(SetEndpoint(ingest.endpoint, ingest.target));
  bench::IngestOptions& options = ingest.options;
  options.sustained = std::chrono::seconds(ingest.sustained_s);
  options.settle = std::chrono::seconds(ingest.settle_s);
  options.half = std::chrono::seconds(ingest.half_s);
  options.mixed = std::chrono::seconds(ingest.mixed_s);
  options.trickle = std::chrono::seconds(ingest.trickle_s);
  options.idle = std::chrono::seconds(ingest.idle_s);
  const std::string loop =
      options.spans_per_s > 0
          ? fmt::format("open loop at {:.0f} spans/s, latency from when a request was due", options.spans_per_s)
          : "closed loop, latency from when a request was sent";
  bench::Report report{
      .benchmark = "ingest",
      .machine = bench::DescribeMachine(running ? ingest.target.data_directory : fs::path(flags.scratch)),
      .method = fmt::format("OTLP protobuf, {} spans a request, {} requests in flight, {}; bodies made before the run; "
                            "CPU and memory of the server with its children; settled: {} s after all was stored",
                            flags.workload.spans_per_body, options.connections, loop, ingest.settle_s)};
  const std::map<std::string, bench::Transport> transports = {
      {"http", bench::Transport::kHttp}, {"gzip", bench::Transport::kHttpGzip}, {"grpc", bench::Transport::kGrpc}};
  Progress progress;
  for (const std::string& transport : ingest.transports) {
    options.transport = transports.at(transport);
    const auto measure = [&](const bench::WorkloadOptions& workload, const bench::Target& target) {
      options.workload = workload;
      return bench::MeasureIngest(options, target, progress);
    };
    RETURN_IF_ERROR(RunAll(flags, running ? &ingest.target : nullptr, measure, report));
  }
  return Print(flags, report, baseline);
}

Result<void> Size(const CommonFlags& flags) {
  ASSIGN_OR_RETURN(const std::optional<bench::Report> baseline, Baseline(flags));
  bench::Report report{.benchmark = "size",
                       .machine = bench::DescribeMachine(flags.scratch),
                       .method = "sent as fast as answers come, then waited until the engine had merged"};
  Progress progress;
  const auto measure = [&](const bench::WorkloadOptions& workload, const bench::Target& target) {
    return bench::MeasureSize(workload, target, progress);
  };
  RETURN_IF_ERROR(RunAll(flags, nullptr, measure, report));
  return Print(flags, report, baseline);
}

Result<void> Query(const CommonFlags& flags, bench::QueryOptions options) {
  ASSIGN_OR_RETURN(const std::optional<bench::Report> baseline, Baseline(flags));
  bench::Report report{
      .benchmark = "query",
      .machine = bench::DescribeMachine(flags.scratch),
      .method = fmt::format("each question at most {} times over HTTP on one connection", options.repeats)};
  Progress progress;
  const auto measure = [&](const bench::WorkloadOptions& workload, const bench::Target& target) {
    options.workload = workload;
    return bench::MeasureQueries(options, target, progress);
  };
  RETURN_IF_ERROR(RunAll(flags, nullptr, measure, report));
  return Print(flags, report, baseline);
}

}  // namespace

int RunBench(int argc, char** argv) {
  CLI::App cli("Measures a server of its own on a scratch directory, and prints what it found.", "nightjar bench");
  cli.require_subcommand(1);
  CommonFlags ingest_common{.datasets = {"jaeger", "llm", "agent30"}, .workload = {.spans = 200'000}};
  CommonFlags size_common = ingest_common;
  CommonFlags query_common{.datasets = {"jaeger"}, .workload = {.spans = 1'000'000}};
  IngestFlags ingest_flags;
  bench::QueryOptions query_options;

  CLI::App* ingest = cli.add_subcommand("ingest", "speed, latency, CPU and memory of taking spans in");
  AddCommonFlags(*ingest, ingest_common);
  AddIngestFlags(*ingest, ingest_flags);
  CLI::App* size = cli.add_subcommand("size", "bytes per span, by table");
  AddCommonFlags(*size, size_common);
  CLI::App* query = cli.add_subcommand("query", "latency of questions over many spans");
  AddCommonFlags(*query, query_common);
  query->add_option("--repeats", query_options.repeats, "times that each question is asked")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  query->add_option("--busy", query_options.busy_spans_per_s, "ask again while so many spans a second arrive");
  query->add_option("--crowd", query_options.crowd, "then ask so many heavy questions at once, while spans arrive");
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;

  const Result<void> done = ingest->parsed() ? Ingest(ingest_common, ingest_flags)
                            : size->parsed() ? Size(size_common)
                                             : Query(query_common, query_options);
  if (done) return 0;
  fmt::print(stderr, "nightjar: {}\n", done.error().message);
  return 1;
}

}  // namespace nightjar::app
