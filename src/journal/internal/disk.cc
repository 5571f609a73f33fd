#include "journal/internal/disk.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace nightjar::journal::internal {

namespace fs = std::filesystem;

namespace {

class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  OpenFile(const OpenFile&) = delete;
  ~OpenFile() {
    if (number_ >= 0) close(number_);
  }
  [[nodiscard]] int number() const { return number_; }  // -1: not open, see errno

 private:
  const int number_;
};

class PosixFile : public File {
 public:
  PosixFile(const fs::path& path, int flags) : file_(path, flags) {}
  [[nodiscard]] bool is_open() const { return file_.number() >= 0; }
  ssize_t Write(const char* bytes, std::size_t size) override { return write(file_.number(), bytes, size); }
  int Sync() override { return fdatasync(file_.number()); }

 private:
  const OpenFile file_;
};

std::unique_ptr<File> OpenPosix(const fs::path& path, int flags) {
  auto file = std::make_unique<PosixFile>(path, flags);
  if (!file->is_open()) return nullptr;
  return file;
}

// A file that is gone or lies on a bad sector will not come back; a lack of descriptors or memory passes.
Error ReadError(std::string_view what, const fs::path& path) {
  const int number = errno;
  Error error = SystemError(what, path, number);
  if (number == EIO || number == ENOENT) error.code = ErrorCode::kDataLoss;
  return error;
}

}  // namespace

std::unique_ptr<File> Disk::Create(const fs::path& path) {
  return OpenPosix(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
}

std::unique_ptr<File> Disk::OpenFolder(const fs::path& folder) { return OpenPosix(folder, O_RDONLY | O_DIRECTORY); }

Result<std::uint64_t> Disk::FreeBytes(const fs::path& folder) {
  struct statvfs status{};
  if (statvfs(folder.c_str(), &status) != 0) return Fail(SystemError("ask the free space of", folder, errno));
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

Error SystemError(std::string_view what, const fs::path& path, int error_number) {
  return {ErrorCode::kUnavailable,
          "cannot " + std::string(what) + " " + path.string() + ": " + std::generic_category().message(error_number)};
}

Result<void> WriteAll(File& file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = file.Write(bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Fail(SystemError("write", path, errno));
    if (written == 0) return Fail(SystemError("write", path, EIO));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> SyncAll(File& file, const fs::path& path) {
  if (file.Sync() != 0) return Fail(SystemError("sync", path, errno));
  return {};
}

Result<void> SyncPath(const fs::path& path) {
  const OpenFile file(path, O_RDONLY);
  if (file.number() < 0 || fdatasync(file.number()) != 0) return Fail(SystemError("sync", path, errno));
  return {};
}

Result<std::string> ReadFile(const fs::path& path, std::uint64_t offset, std::size_t bytes_max) {
  const OpenFile file(path, O_RDONLY);
  if (file.number() < 0) return Fail(ReadError("open", path));
  std::string bytes(bytes_max, '\0');
  std::size_t size = 0;
  while (size < bytes_max) {
    const ssize_t got = pread(file.number(), bytes.data() + size, bytes_max - size, static_cast<off_t>(offset + size));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ReadError("read", path));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

Result<std::uint64_t> RandomNumber() {
  std::uint64_t number = 0;
  if (getentropy(&number, sizeof(number)) != 0) return Fail(SystemError("read", "random numbers", errno));
  return number;
}

}  // namespace nightjar::journal::internal
