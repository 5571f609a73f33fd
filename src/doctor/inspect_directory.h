// What can be told of a data directory and its machine without a server, and without changing anything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "doctor/report.h"

namespace nightjar::doctor {

struct DirectoryOptions {
  std::filesystem::path data_dir;
  std::string_view format;               // what its file FORMAT must hold
  std::filesystem::path engine_library;  // libchdb.so
  std::string_view engine_sha256;        // of the library that this program was tested with, in hex
  std::uint64_t disk_reserve_bytes = 0;  // below it a server receives nothing
};

Section InspectDirectory(const DirectoryOptions& options);

}  // namespace nightjar::doctor
