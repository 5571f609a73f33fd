// Files that are on disk once the call returns.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace nightjar {

// The file has these bytes afterwards or is as it was: written beside it, synced, renamed over it, folder synced. Mode
// 0600. kUnavailable with the system's reason.
Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view bytes);

}  // namespace nightjar
