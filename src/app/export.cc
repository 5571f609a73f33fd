#include "app/export.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "app/answers.h"
#include "app/arguments.h"
#include "base/ids.h"
#include "client/http_client.h"
#include "terminal/text.h"

namespace nightjar::app {
namespace {

constexpr std::chrono::seconds kQuietMax{600};  // until the engine has the first rows

struct Flags {
  std::string url = "http://127.0.0.1:6006";
  std::vector<std::string> headers;
  std::string project = "default";
  std::string of;
  std::string format = "otlp_json";
  std::string file;
  std::string from, to;
  std::string what;
  std::string filter;
};

std::string TargetOf(const Flags& flags) {
  const std::string project = "/api/v1/projects/" + client::PercentEncode(flags.project);
  if (TraceId::FromHex(flags.what))
    return fmt::format("{}/traces/{}/export?format={}", project, flags.what, flags.format);
  std::string target =
      fmt::format("{}/export?format={}&q={}", project, flags.format, client::PercentEncode(flags.what));
  if (!flags.filter.empty()) target += "&filter=" + client::PercentEncode(flags.filter);
  if (!flags.of.empty()) target += "&of=" + flags.of;
  if (!flags.from.empty()) target += "&from=" + client::PercentEncode(flags.from);
  if (!flags.to.empty()) target += "&to=" + client::PercentEncode(flags.to);
  return target;
}

Result<void> Export(const Flags& flags, std::FILE* out) {
  client::HttpClient client(flags.url, flags.headers);
  bool written = true;
  const Result<client::HttpAnswer> answer = client.Stream(TargetOf(flags), {}, kQuietMax, [&](std::string_view bytes) {
    return written = std::fwrite(bytes.data(), 1, bytes.size(), out) == bytes.size();
  });
  if (!answer) return Fail(answer.error());
  if (answer->status != 200) return Fail(RefusalOf(*answer));
  TellPending(answer->pending_requests);
  if (!written || std::fflush(out) != 0) return Fail(ErrorCode::kUnavailable, "cannot write all of it");
  return {};
}

int Complain(const std::string& message) {
  std::cerr << "nightjar: " << terminal::Harmless(message) << "\n";
  return 1;
}

}  // namespace

int RunExport(int argc, char** argv) {
  Flags flags;
  CLI::App cli("Writes a trace, or what matches a query, to a file or to standard output (docs/guide/api.md).",
               "nightjar export");
  cli.add_option("what", flags.what, "a trace id, or a query such as 'kind:llm last:1d'; all if left out");
  cli.add_option("--filter", flags.filter, "a filter of Phoenix instead of a query (docs/guide/phoenix_filters.md)");
  cli.add_option("--format", flags.format, "otlp_json: whole traces as they were sent; the others: a row for each span")
      ->check(CLI::IsMember({"otlp_json", "jsonl", "csv", "parquet", "arrow"}))
      ->capture_default_str();
  cli.add_option("--of", flags.of, "rows of the spans that match, or of all spans of the traces that match [spans]")
      ->check(CLI::IsMember({"spans", "traces"}));
  cli.add_option("--from", flags.from, "began at this time or later (2026-01-31T12:00:00Z)");
  cli.add_option("--to", flags.to, "began before this time");
  cli.add_option("--output", flags.file, "this file instead of standard output")->type_name("FILE");
  cli.add_option("--url", flags.url, "the server's API")->capture_default_str();
  cli.add_option("--header", flags.headers, "a header for every request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--project", flags.project, "whose traces")->capture_default_str();
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  if (flags.file.empty() && isatty(fileno(stdout)) == 1)
    return Complain("what was traced is not written to a terminal; name a file with --output, or pipe it");
  std::FILE* out = flags.file.empty() ? stdout : std::fopen(flags.file.c_str(), "wb");
  if (out == nullptr) return Complain("cannot write " + flags.file);
  const Result<void> exported = Export(flags, out);
  const bool closed = flags.file.empty() || std::fclose(out) == 0;
  if (!exported) return Complain(exported.error().message);
  return closed ? 0 : Complain("cannot write all of " + flags.file);
}

}  // namespace nightjar::app
