#include "app/backup.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/arguments.h"
#include "app/config.h"
#include "app/storage.h"
#include "backup/freeze_service.h"
#include "backup/write.h"
#include "base/progress.h"

namespace nightjar::app {
namespace {

struct Flags {
  std::string data_dir;
  std::string engine_library;
  backup::WriteOptions options;
  std::string base;
};

// The settings of a server on that directory: what is not given comes from the environment, as for `serve`.
Result<ServeConfig> ReadConfig(const Flags& flags) {
  std::vector<std::string> arguments;
  if (!flags.data_dir.empty()) arguments.insert(arguments.end(), {"--data-dir", flags.data_dir});
  if (!flags.engine_library.empty()) arguments.insert(arguments.end(), {"--engine-library", flags.engine_library});
  ASSIGN_OR_RETURN(const ServeArguments read, ReadServeConfig(arguments));
  return *read.config;
}

Result<backup::Written> Write(const backup::Frozen& frozen, const backup::WriteOptions& options) {
  Progress progress;
  return backup::WriteBackup(frozen, options, progress);
}

Result<backup::Written> Backup(const Flags& flags) {
  ASSIGN_OR_RETURN(const ServeConfig config, ReadConfig(flags));
  const std::filesystem::path data_dir = std::filesystem::absolute(config.data_dir);
  if (!std::filesystem::exists(data_dir / "FORMAT"))
    return Fail(ErrorCode::kNotFound, fmt::format("{} is no data directory", data_dir.string()));
  const Result<backup::FrozenByServer> running = backup::FrozenByServer::Ask(data_dir);
  if (running) return Write(running->frozen(), flags.options);
  if (running.error().code != ErrorCode::kNotFound) return Fail(running.error());
  ASSIGN_OR_RETURN(const std::unique_ptr<Storage> storage, Storage::Open(config));
  ASSIGN_OR_RETURN(const backup::Frozen frozen, storage->Freeze({}));
  Result<backup::Written> written = Write(frozen, flags.options);
  RETURN_IF_ERROR(backup::Thaw(frozen.folder));
  return written;
}

}  // namespace

int RunBackup(int argc, char** argv) {
  CLI::App cli("Copies what a data directory holds, while a server runs on it or not.", "nightjar backup");
  Flags flags;
  cli.add_option("--data-dir", flags.data_dir, "the server's directory [as nightjar serve]")->type_name("DIR");
  cli.add_option("--to", flags.options.target, "where the backup goes: a directory that does not exist yet")
      ->type_name("DIR")
      ->required();
  cli.add_option("--base", flags.base, "an earlier backup; what it holds is not copied again")->type_name("DIR");
  cli.add_option("--engine-library", flags.engine_library, "libchdb.so, for when no server runs [as nightjar serve]")
      ->type_name("FILE");
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  spdlog::set_level(spdlog::level::warn);
  if (!flags.base.empty()) flags.options.base = flags.base;
  flags.options.nightjar_version = NIGHTJAR_VERSION;
  const Result<backup::Written> written = Backup(flags);
  if (!written) {
    fmt::print(stderr, "nightjar: {}\n", written.error().message);
    return 1;
  }
  fmt::print("{}: {} bytes copied, {} shared with earlier backups\n", flags.options.target.string(),
             written->copied_bytes, written->shared_bytes);
  for (const backup::TableEntry& table : written->manifest.tables)
    fmt::print("  {:24} {:12} rows\n", table.name, table.rows());
  return 0;
}

}  // namespace nightjar::app
