#include "backup/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"

namespace nightjar::backup {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;
constexpr std::size_t kSmallBytesMax = 1 << 30;

class Hash {
 public:
  Hash() { CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1); }
  void Add(std::string_view bytes) { CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1); }
  std::string Finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    CHECK(EVP_DigestFinal_ex(context_.get(), digest, &size) == 1);
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
    return hex;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

class File {
 public:
  File(const std::filesystem::path& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (number_ >= 0) close(number_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool ok() const { return number_ >= 0; }

 private:
  const int number_;
};

std::unexpected<Error> FailWithErrno(const char* what, const std::filesystem::path& path) {
  const int cause = errno;
  return Fail(cause == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(cause)));
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  Hash hash;
  hash.Add(bytes);
  return hash.Finish();
}

Result<std::string> ReadSmallFile(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  if (!file.ok()) return FailWithErrno("read", path);
  std::string bytes;
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    const ssize_t count = read(file.number(), piece.data(), piece.size());
    if (count < 0) return FailWithErrno("read", path);
    if (count == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    if (bytes.size() > kSmallBytesMax)
      return Fail(ErrorCode::kResourceExhausted, fmt::format("{} is larger than 1 GiB", path.string()));
  }
}

Result<FileEntry> CopyFile(const std::filesystem::path& from, const std::filesystem::path& to, std::string name,
                           const Copied& copied) {
  std::error_code error;
  std::filesystem::create_directories(to.parent_path(), error);
  if (error)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot make {}: {}", to.parent_path().string(), error.message()));
  const File source(from, O_RDONLY);
  if (!source.ok()) return FailWithErrno("read", from);
  const File target(to, O_WRONLY | O_CREAT | O_EXCL);
  if (!target.ok()) return FailWithErrno("write", to);
  FileEntry entry{.name = std::move(name)};
  Hash hash;
  std::vector<char> piece(kPieceBytes);
  for (;;) {
    const ssize_t count = read(source.number(), piece.data(), piece.size());
    if (count < 0) return FailWithErrno("read", from);
    if (count == 0) break;
    const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
    hash.Add(bytes);
    if (!WriteAll(target.number(), bytes)) return FailWithErrno("write", to);
    entry.size += bytes.size();
    copied(bytes.size());
  }
  entry.sha256 = hash.Finish();
  return entry;
}

Result<void> SyncFileSystem(const std::filesystem::path& path) {
  const File folder(path, O_RDONLY);
  if (!folder.ok() || syncfs(folder.number()) != 0) return FailWithErrno("sync", path);
  return {};
}

}  // namespace nightjar::backup
