#include "app/selfcheck.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <random>
#include <string>
#include <thread>

#include "app/arguments.h"
#include "base/json.h"
#include "selfcheck/check.h"

namespace nightjar::app {
namespace {

using selfcheck::RoundReport;
using Clock = std::chrono::steady_clock;

struct Flags {
  selfcheck::CheckOptions check;
  std::uint64_t seed = 0;
  unsigned seconds = 0;
  unsigned every_s = 1;
  unsigned patience_s = 10;
  bool json = false;
};

void AddFlags(CLI::App& cli, Flags& flags) {
  cli.add_option("--url", flags.check.url, "the server's API")->capture_default_str();
  cli.add_option("--otlp", flags.check.otlp_url, "its OTLP/HTTP listener [as --url]")->type_name("URL");
  cli.add_option("--grpc", flags.check.grpc, "its OTLP/gRPC listener; without it gRPC is not checked")
      ->type_name("HOST:PORT");
  cli.add_option("--project", flags.check.project, "where the traces go; one check at a time may use it")
      ->capture_default_str();
  cli.add_option("--header", flags.check.headers, "a header for every HTTP request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--traces", flags.check.traces, "traces in a round")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str();
  cli.add_option("--seconds", flags.seconds, "go on with rounds for this long; 0: one round")->capture_default_str();
  cli.add_option("--every", flags.every_s, "seconds from the start of one round to that of the next")
      ->capture_default_str();
  cli.add_option("--patience", flags.patience_s, "seconds that lists and totals may lag behind")->capture_default_str();
  cli.add_option("--seed", flags.seed,
                 "send the ids of the check that printed it, to a project that lacks them [random]");
  cli.add_flag("--json", flags.json, "one line of JSON for each round instead of text");
}

json::object ToJsonObject(const Flags& flags, const RoundReport& round) {
  json::object errors;
  for (std::size_t i = 0; i < round.faults.size(); ++i)
    errors[selfcheck::ToString(static_cast<selfcheck::Fault>(i))] = round.faults[i];
  return {{"ok", round.ok()},
          {"url", flags.check.url},
          {"project", flags.check.project},
          {"seed", round.seed},
          {"traces", round.traces},
          {"spans", round.spans},
          {"requests", round.requests},
          {"ack_ms_max", round.ack_ms_max},
          {"seconds", round.seconds},
          {"errors", std::move(errors)},
          {"first_errors", json::array(round.first_findings.begin(), round.first_findings.end())}};
}

void PrintText(const RoundReport& round) {
  fmt::print("{} seed {}: {} traces, {} spans in {} requests, {:.2f} s, slowest acknowledgement {:.0f} ms\n",
             round.ok() ? "ok    " : "FAILED", round.seed, round.traces, round.spans, round.requests, round.seconds,
             round.ack_ms_max);
  for (std::size_t i = 0; i < round.faults.size(); ++i)
    if (round.faults[i] != 0)
      fmt::print("  {:16} {:6}\n", selfcheck::ToString(static_cast<selfcheck::Fault>(i)), round.faults[i]);
  for (const std::string& finding : round.first_findings) fmt::print("  {}\n", finding);
}

// Whether every round was good.
bool RunRounds(const Flags& flags) {
  selfcheck::Checker checker(flags.check);
  const auto end = Clock::now() + std::chrono::seconds(flags.seconds);
  bool ok = true;
  for (std::uint64_t seed = flags.seed;; ++seed) {
    const auto next = Clock::now() + std::chrono::seconds(flags.every_s);
    const RoundReport round = checker.Round(seed);
    ok = ok && round.ok();
    if (flags.json) {
      fmt::print("{}\n", ToJson(ToJsonObject(flags, round)));
    } else {
      PrintText(round);
    }
    std::fflush(stdout);
    if (next >= end) return ok;
    std::this_thread::sleep_until(next);
  }
}

}  // namespace

int RunSelfcheck(int argc, char** argv) {
  CLI::App cli(
      "Sends traces to a running server, asks for them by id, in lists and totals, and compares. Exit code 0: all as "
      "sent.",
      "nightjar selfcheck");
  Flags flags;
  flags.seed = std::random_device()();
  AddFlags(cli, flags);
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  flags.check.patience = std::chrono::seconds(flags.patience_s);
  return RunRounds(flags) ? 0 : 1;
}

}  // namespace nightjar::app
