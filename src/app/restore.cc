#include "app/restore.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "app/config.h"
#include "backup/restore.h"
#include "base/progress.h"

namespace nightjar::app {
namespace {

struct Flags {
  std::string data_dir;
  std::string engine_library;
  backup::RestoreOptions options;
};

Result<backup::Manifest> Restore(Flags& flags) {
  std::vector<std::string> arguments = {"--data-dir", flags.data_dir};
  if (!flags.engine_library.empty()) arguments.insert(arguments.end(), {"--engine-library", flags.engine_library});
  ASSIGN_OR_RETURN(const ServeArguments read, ReadServeConfig(arguments));
  flags.options.data_dir = read.config->data_dir;
  flags.options.engine_library = read.config->engine_library;
  flags.options.engine_program = NIGHTJAR_ENGINE_PROGRAM;
  Progress progress;
  return backup::Restore(flags.options, progress);
}

}  // namespace

int RunRestore(int argc, char** argv) {
  CLI::App cli("Makes a data directory of a backup, and checks every byte and every count of it.", "nightjar restore");
  Flags flags;
  cli.add_option("--from", flags.options.backups,
                 "the backup, and with further --from those that its --base named, however far back")
      ->type_name("DIR")
      ->required();
  cli.add_option("--data-dir", flags.data_dir, "the directory to make; missing or empty")->type_name("DIR")->required();
  cli.add_option("--engine-library", flags.engine_library, "libchdb.so [as nightjar serve]")->type_name("FILE");
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  spdlog::set_level(spdlog::level::warn);
  const Result<backup::Manifest> manifest = Restore(flags);
  if (!manifest) {
    fmt::print(stderr, "nightjar: {}\n", manifest.error().message);
    return 1;
  }
  fmt::print("{}: restored\n", flags.options.data_dir.string());
  for (const backup::TableEntry& table : manifest->tables) fmt::print("  {:24} {:12} rows\n", table.name, table.rows());
  return 0;
}

}  // namespace nightjar::app
