// Makes a data directory of a backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "backup/manifest.h"
#include "base/progress.h"
#include "base/result.h"

namespace nightjar::backup {

struct RestoreOptions {
  std::vector<std::filesystem::path> backups;  // the one to restore first, then those that hold its shared parts
  std::filesystem::path data_dir;              // missing or empty
  std::filesystem::path engine_program;        // as engine::EngineOptions
  std::filesystem::path engine_library;
};

// Every byte is checked against its checksum, and the rows of each table against what was counted. Until the end the
// directory has a FORMAT that no server accepts; after an error what was put there is removed. Returns the manifest of
// what was restored. kDataLoss: a backup is damaged; kNotFound: a backup is missing; kFailedPrecondition: the directory
// is not empty.
Result<Manifest> Restore(const RestoreOptions& options, Progress& progress);

}  // namespace nightjar::backup
