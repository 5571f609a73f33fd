#include "app/trace.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "base/ids.h"
#include "client/http_client.h"
#include "terminal/waterfall.h"

namespace nightjar::app {
namespace {

struct Flags {
  std::string url = "http://127.0.0.1:6006";
  std::vector<std::string> headers;
  std::string project;
  std::string trace_id;
  bool json = false;
};

Result<std::string> Show(const Flags& flags) {
  if (!TraceId::FromHex(flags.trace_id))
    return Fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a trace id of 32 hex digits", flags.trace_id));
  const std::string target = flags.project.empty() ? "/api/v1/traces/" + flags.trace_id
                                                   : fmt::format("/api/v1/projects/{}/traces/{}",
                                                                 client::PercentEncode(flags.project), flags.trace_id);
  constexpr std::chrono::minutes kTimeMax{5};  // of a large trace
  client::HttpClient client(flags.url, flags.headers, kTimeMax);
  ASSIGN_OR_RETURN(const client::HttpAnswer answer, client.Get(target));
  if (answer.status == 404)
    return Fail(ErrorCode::kNotFound,
                fmt::format("{} has no trace {}; its spans may still be on their way", flags.url, flags.trace_id));
  if (answer.status != 200)
    return Fail(ErrorCode::kUnavailable, fmt::format("the server answered with status {}", answer.status));
  if (flags.json) return answer.body + "\n";
  ASSIGN_OR_RETURN(const json::value trace, ParseJson(answer.body));
  if (!trace.is_object()) return Fail(ErrorCode::kDataLoss, "the answer is no trace");
  return terminal::ToWaterfall(trace.get_object(), terminal::OfStdout());
}

}  // namespace

int RunTrace(int argc, char** argv) {
  Flags flags;
  CLI::App cli("Shows a trace of a running server: its spans as a tree, and when each ran.", "nightjar trace");
  cli.add_option("id", flags.trace_id, "the trace id, 32 hex digits")->required();
  cli.add_option("--url", flags.url, "the server's API")->capture_default_str();
  cli.add_option("--header", flags.headers, "a header for every request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--project", flags.project, "where it is, should several projects have it");
  cli.add_flag("--json", flags.json, "the API's JSON instead");
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  const Result<std::string> shown = Show(flags);
  if (!shown) {
    std::cerr << "nightjar: " << terminal::Harmless(shown.error().message) << "\n";
    return 1;
  }
  std::fwrite(shown->data(), 1, shown->size(), stdout);
  return 0;
}

}  // namespace nightjar::app
