// What the engine of a server on this machine holds, asked of the engine itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"

namespace nightjar::bench {

struct TableSize {
  std::string name;
  std::uint64_t live_bytes = 0;  // of the parts that are read; merged ones stay on disk for some minutes more
  std::uint64_t rows = 0;
  std::uint64_t parts = 0;
};

// By name. `data_directory` is the server's.
Result<std::vector<TableSize>> StoredTables(const std::filesystem::path& data_directory);

// Waits until the parts have not changed for three seconds and no merge runs. kDeadlineExceeded after `patience`.
Result<std::vector<TableSize>> WaitForMerges(const std::filesystem::path& data_directory, std::chrono::seconds patience,
                                             Progress& progress);

}  // namespace nightjar::bench
