// Copies a frozen moment into a backup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "backup/frozen.h"
#include "backup/manifest.h"
#include "base/progress.h"
#include "base/result.h"

namespace nightjar::backup {

struct WriteOptions {
  std::filesystem::path target;               // must not exist; its parent must
  std::optional<std::filesystem::path> base;  // an earlier backup whose parts are not copied again
  std::string nightjar_version;
};

struct Written {
  Manifest manifest;
  std::uint64_t copied_bytes = 0;
  std::uint64_t shared_bytes = 0;  // that the base, or one before it, holds
};

// The target appears under its name when it is whole and on disk; until then it is TARGET.partial-XXXXXX, which is
// removed after an error. kAlreadyExists, or the reason why something cannot be read or written.
Result<Written> WriteBackup(const Frozen& frozen, const WriteOptions& options, Progress& progress);

}  // namespace nightjar::backup
