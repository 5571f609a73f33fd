#include "app/doctor.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/object.hpp>
#include <cstdio>
#include <iterator>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "app/config.h"
#include "app/data_dir.h"
#include "base/json.h"
#include "doctor/ask_server.h"
#include "doctor/inspect_directory.h"
#include "doctor/print.h"
#include "terminal/text.h"

namespace nightjar::app {
namespace {

constexpr int kUnreachable = 2;

struct Flags {
  doctor::ServerOptions server;
  std::string data_dir;
  std::string engine_library;
  bool json = false;
};

Result<doctor::Section> InspectDirectory(const Flags& flags) {
  std::vector<std::string> arguments = {"--data-dir", flags.data_dir};
  if (!flags.engine_library.empty()) arguments.insert(arguments.end(), {"--engine-library", flags.engine_library});
  ASSIGN_OR_RETURN(const ServeArguments read, ReadServeConfig(arguments));
  return doctor::InspectDirectory({.data_dir = read.config->data_dir,
                                   .format = kDataDirFormat,
                                   .engine_library = read.config->engine_library,
                                   .engine_sha256 = NIGHTJAR_ENGINE_SHA256,
                                   .disk_reserve_bytes = read.config->disk_reserve_bytes});
}

void Print(const doctor::Report& report, bool as_json) {
  const std::string text =
      as_json ? ToJson(doctor::ToJsonObject(report)) + "\n" : doctor::ToText(report, terminal::OfStdout());
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int Complain(const std::string& message) {
  fmt::print(stderr, "nightjar: {}\n", terminal::Harmless(message));
  return 1;
}

}  // namespace

int RunDoctor(int argc, char** argv) {
  CLI::App cli(
      "Asks a running server what is wrong with it and with what it receives, and says what to do; with --data-dir, "
      "looks at a directory without one. Exit code 0: no errors, 1: errors, 2: the server cannot be reached.",
      "nightjar doctor");
  Flags flags;
  const CLI::Option* url = cli.add_option("--url", flags.server.url, "the server's API")->capture_default_str();
  cli.add_option("--project", flags.server.project, "look at this project's spans only")->type_name("NAME");
  cli.add_option("--header", flags.server.headers, "a header for every request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--data-dir", flags.data_dir, "look at this directory; no server is asked unless --url is given")
      ->type_name("DIR");
  cli.add_option("--engine-library", flags.engine_library, "libchdb.so of the directory's server [as nightjar serve]")
      ->type_name("FILE");
  cli.add_flag("--json", flags.json, "one JSON object instead of text");
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;

  doctor::Report report;
  if (!flags.data_dir.empty()) {
    Result<doctor::Section> section = InspectDirectory(flags);
    if (!section) return Complain(section.error().message);
    report.sections.push_back(*std::move(section));
  }
  bool unreachable = false;
  if (flags.data_dir.empty() || url->count() != 0) {
    Result<std::vector<doctor::Section>> sections = doctor::AskServer(flags.server);
    unreachable = !sections;
    if (sections) {
      std::ranges::move(*sections, std::back_inserter(report.sections));
    } else {
      report.sections.push_back(
          {"Server " + flags.server.url,
           {{doctor::Severity::kError, "unreachable", sections.error().message,
             "start it with nightjar serve, name its address with --url, or look at its data with --data-dir"}}});
    }
  }
  Print(report, flags.json);
  if (unreachable) return kUnreachable;
  return report.Count(doctor::Severity::kError) == 0 ? 0 : 1;
}

}  // namespace nightjar::app
