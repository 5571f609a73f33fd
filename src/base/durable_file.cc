#include "base/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace nightjar {
namespace {

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::filesystem::path Folder(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

}  // namespace

Result<void> WriteFileDurably(const std::filesystem::path& path, std::string_view bytes) {
  const std::string staged = path.string() + ".new";
  const int file = open(staged.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = file >= 0 && WriteAll(file, bytes) && fsync(file) == 0;
  int cause = errno;
  if (file >= 0) close(file);
  if (ok) {
    ok = rename(staged.c_str(), path.c_str()) == 0;
    const int folder = ok ? open(Folder(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    ok = folder >= 0 && fsync(folder) == 0;
    cause = errno;
    if (folder >= 0) close(folder);
  }
  if (!ok)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot write {}: {}", path.string(), std::strerror(cause)));
  return {};
}

}  // namespace nightjar
