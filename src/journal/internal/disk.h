// What the journal asks of the operating system. Disk and File have virtual functions because a disk that fails is as
// much a part of the contract as one that works, and only a second implementation can be made to fail on demand.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nightjar::journal::internal {

// The bare system calls: -1 and errno, short counts, EINTR.
class File {
 public:
  virtual ~File() = default;
  virtual ssize_t Write(const char* bytes, std::size_t size) = 0;  // at the end
  virtual int Sync() = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  // A new file, mode 0600; null and errno when it cannot be made or is there already.
  virtual std::unique_ptr<File> Create(const std::filesystem::path& path);
  // Its Sync() makes durable what was created, renamed or removed in the folder; null and errno when it cannot be
  // opened.
  virtual std::unique_ptr<File> OpenFolder(const std::filesystem::path& folder);
  virtual Result<std::uint64_t> FreeBytes(const std::filesystem::path& folder);
};

// kUnavailable, "cannot write /x/y: No space left on device".
Error SystemError(std::string_view what, const std::filesystem::path& path, int error_number);

Result<void> WriteAll(File& file, std::string_view bytes, const std::filesystem::path& path);

Result<void> SyncAll(File& file, const std::filesystem::path& path);
// Makes what a former process wrote durable.
Result<void> SyncPath(const std::filesystem::path& path);

// At most bytes_max bytes from `offset`; fewer at the end of the file. kDataLoss when the file is gone or unreadable.
Result<std::string> ReadFile(const std::filesystem::path& path, std::uint64_t offset, std::size_t bytes_max);

Result<std::uint64_t> RandomNumber();

}  // namespace nightjar::journal::internal
