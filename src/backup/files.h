// Files with their checksums.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "backup/manifest.h"
#include "base/result.h"

namespace nightjar::backup {

std::string Sha256(std::string_view bytes);  // hex

// At most 1 GiB. kNotFound, or kUnavailable with the system's reason.
Result<std::string> ReadSmallFile(const std::filesystem::path& path);

// Bytes that were copied so far, for somebody who watches.
using Copied = std::function<void(std::uint64_t bytes)>;

// Copies a file, whose folder is made if it is missing, and says what was copied; `name` becomes the entry's. Not yet
// synced. kUnavailable with the system's reason, such as a full disk.
Result<FileEntry> CopyFile(const std::filesystem::path& from, const std::filesystem::path& to, std::string name,
                           const Copied& copied);

// Everything that was written to the file system that holds the path is on disk.
Result<void> SyncFileSystem(const std::filesystem::path& path);

}  // namespace nightjar::backup
