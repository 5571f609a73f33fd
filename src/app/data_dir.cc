#include "app/data_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <sys/file.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/durable_file.h"

namespace nightjar::app {
namespace {

Result<void> MakeFolder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return Fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("cannot make the folder {}: {}; choose another with --data-dir", path.string(), error.message()));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  if (error)
    return Fail(ErrorCode::kFailedPrecondition,
                fmt::format("cannot make the folder {} private: {}", path.string(), error.message()));
  return {};
}

Result<std::string> ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) return Fail(ErrorCode::kFailedPrecondition, fmt::format("cannot read {}", path.string()));
  return std::move(bytes).str();
}

Result<void> WriteWhole(const std::filesystem::path& path, std::string_view bytes) {
  const Result<void> written = WriteFileDurably(path, bytes);
  if (!written)
    return Fail(ErrorCode::kFailedPrecondition, written.error().message + "; choose another folder with --data-dir");
  return {};
}

Result<void> CheckDataDirFormat(const std::filesystem::path& path) {
  const std::filesystem::path file = path / "FORMAT";
  if (!std::filesystem::exists(file)) return WriteWhole(file, kDataDirFormat);
  ASSIGN_OR_RETURN(const std::string found, ReadWhole(file));
  if (found != kDataDirFormat)
    return Fail(ErrorCode::kFailedPrecondition,
                fmt::format("{} holds data of format \"{}\", this program reads \"{}\"; run the version that wrote it, "
                            "or choose another folder with --data-dir",
                            path.string(), found.substr(0, found.find('\n')),
                            kDataDirFormat.substr(0, kDataDirFormat.size() - 1)));
  return {};
}

}  // namespace

Result<DataDir> DataDir::Open(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  if (error || path.empty())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("--data-dir \"{}\" is not a path", path.string()));
  RETURN_IF_ERROR(MakeFolder(absolute));
  const std::string lock_file = absolute / "LOCK";
  const int lock = open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return Fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("cannot write {}: {}; choose another folder with --data-dir", lock_file, std::strerror(errno)));
  DataDir dir(absolute, lock);
  if (flock(lock, LOCK_EX | LOCK_NB) != 0)
    return Fail(ErrorCode::kAlreadyExists,
                fmt::format("another nightjar is using {}; stop it, or choose another folder with --data-dir",
                            absolute.string()));
  RETURN_IF_ERROR(CheckDataDirFormat(absolute));
  RETURN_IF_ERROR(MakeFolder(dir.engine_path()));
  RETURN_IF_ERROR(MakeFolder(dir.engine_socket().parent_path()));
  if (dir.engine_socket().string().size() >= sizeof(sockaddr_un{}.sun_path))
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("--data-dir {} is too long for a Unix socket below it; choose a shorter one", absolute.string()));
  return dir;
}

DataDir::~DataDir() {
  if (lock_ >= 0) close(lock_);
}

DataDir::DataDir(DataDir&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Result<store::SegmentKey> DataDir::ReadSegmentKey() const {
  const std::filesystem::path file = path_ / "segment.key";
  store::SegmentKey key;
  if (!std::filesystem::exists(file)) {
    if (RAND_bytes(key.secret.data(), static_cast<int>(key.secret.size())) != 1)
      return Fail(ErrorCode::kInternal, "the system gave no random bytes");
    RETURN_IF_ERROR(WriteWhole(file, {reinterpret_cast<const char*>(key.secret.data()), key.secret.size()}));
    return key;
  }
  ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(file));
  if (bytes.size() != key.secret.size())
    return Fail(ErrorCode::kDataLoss, fmt::format("{} has {} bytes instead of {}; restore it from a backup",
                                                  file.string(), bytes.size(), key.secret.size()));
  std::memcpy(key.secret.data(), bytes.data(), bytes.size());
  return key;
}

}  // namespace nightjar::app
