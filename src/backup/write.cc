#include "backup/write.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "backup/files.h"
#include "base/check.h"

namespace nightjar::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPartSums = "checksums.txt";  // the engine's own, of every file of a part
constexpr double kMegabyte = 1e6;

std::string NewId() {
  std::array<unsigned char, 16> bytes{};
  CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

// Names below the folder, sorted; none when it is missing.
Result<std::vector<std::string>> NamesIn(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (!fs::exists(folder, error)) return names;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  if (error) return Fail(ErrorCode::kUnavailable, fmt::format("cannot list {}: {}", folder.string(), error.message()));
  std::ranges::sort(names);
  return names;
}

// A folder that is removed again unless it gets its final name.
class PartialFolder {
 public:
  static Result<PartialFolder> Make(const fs::path& final_path) {
    if (fs::exists(fs::symlink_status(final_path)))
      return Fail(ErrorCode::kAlreadyExists, fmt::format("{} exists already; name another", final_path.string()));
    std::string name = final_path.string() + ".partial-XXXXXX";
    if (mkdtemp(name.data()) == nullptr)
      return Fail(ErrorCode::kUnavailable, fmt::format("cannot make {}: {}", name, std::strerror(errno)));
    return PartialFolder(name, final_path);
  }
  PartialFolder(PartialFolder&& other) noexcept
      : path_(std::exchange(other.path_, {})), final_path_(std::move(other.final_path_)) {}
  PartialFolder& operator=(PartialFolder&&) = delete;
  ~PartialFolder() {
    std::error_code ignored;  // there is an error to report already
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }

  Result<void> Finish() {
    RETURN_IF_ERROR(SyncFileSystem(path_));
    std::error_code error;
    fs::rename(path_, final_path_, error);
    if (error)
      return Fail(ErrorCode::kUnavailable, fmt::format("cannot name {}: {}", final_path_.string(), error.message()));
    path_.clear();
    return SyncFileSystem(final_path_);
  }

 private:
  PartialFolder(fs::path path, fs::path final_path) : path_(std::move(path)), final_path_(std::move(final_path)) {}

  fs::path path_;
  fs::path final_path_;
};

class Writer {
 public:
  Writer(const Frozen& frozen, const fs::path& folder, Progress& progress)
      : frozen_(frozen), folder_(folder), progress_(progress) {}

  // Parts that the base, or a backup before it, holds.
  void UseBase(const Manifest& base) {
    for (const TableEntry& table : base.tables)
      for (const PartEntry& part : table.parts) base_parts_[{table.name, part.name}] = part;
  }

  Result<Written> Write(const std::string& version) {
    progress_.Begin("backup");
    whole_bytes_ = static_cast<double>(BytesBelow(frozen_.folder));
    written_.manifest = {.id = NewId(),
                         .nightjar_version = version,
                         .schema_version = frozen_.schema_version,
                         .created_unix_ns = static_cast<std::uint64_t>(
                             std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count())};
    RETURN_IF_ERROR(CopyDataDirFiles());
    for (const FrozenTable& table : frozen_.tables) RETURN_IF_ERROR(CopyTable(table));
    RETURN_IF_ERROR(SyncFileSystem(folder_));
    RETURN_IF_ERROR(WriteManifest(written_.manifest, folder_));
    return std::move(written_);
  }

 private:
  static std::uint64_t BytesBelow(const fs::path& folder) {
    std::uint64_t bytes = 0;
    std::error_code error;  // only for the progress line
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      if (at->is_regular_file(error)) bytes += at->file_size(error);
    return bytes;
  }

  Result<FileEntry> Copy(const fs::path& from, const fs::path& to, std::string name) {
    return CopyFile(from, to, std::move(name), [this](std::uint64_t bytes) {
      written_.copied_bytes += bytes;
      progress_.Show(static_cast<double>(written_.copied_bytes) / kMegabyte, whole_bytes_ / kMegabyte, "MB");
    });
  }

  Result<void> CopyDataDirFiles() {
    std::vector<std::string> names = {"FORMAT", "segment.key"};
    ASSIGN_OR_RETURN(const std::vector<std::string> quarantined, NamesIn(frozen_.data_dir / "quarantine"));
    for (const std::string& name : quarantined) names.push_back("quarantine/" + name);
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(FileEntry entry, Copy(frozen_.data_dir / name, folder_ / name, name));
      written_.manifest.files.push_back(std::move(entry));
    }
    ASSIGN_OR_RETURN(FileEntry catalog, Copy(FrozenCatalog(frozen_), folder_ / "catalog.db", "catalog.db"));
    written_.manifest.files.push_back(std::move(catalog));
    return {};
  }

  Result<void> CopyTable(const FrozenTable& table) {
    TableEntry entry{table.name, table.engine, table.create_sql, {}};
    ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                     table.folder.empty() ? std::vector<std::string>() : NamesIn(table.folder));
    for (const std::string& name : parts) {
      ASSIGN_OR_RETURN(PartEntry part, TakePart(table, name));
      entry.parts.push_back(std::move(part));
    }
    written_.manifest.tables.push_back(std::move(entry));
    return {};
  }

  Result<PartEntry> TakePart(const FrozenTable& table, const std::string& name) {
    const fs::path from = table.folder / name;
    ASSIGN_OR_RETURN(const std::optional<PartEntry> shared, FindInBase(table, name));
    if (shared) {
      for (const FileEntry& file : shared->files) written_.shared_bytes += file.size;
      return *shared;
    }
    PartEntry part{.name = name, .backup_id = written_.manifest.id};
    ASSIGN_OR_RETURN(part.rows, ReadRows(from));
    ASSIGN_OR_RETURN(const std::vector<std::string> files, NamesIn(from));
    for (const std::string& file : files) {
      ASSIGN_OR_RETURN(FileEntry entry, Copy(from / file, folder_ / "tables" / table.name / name / file, file));
      part.files.push_back(std::move(entry));
    }
    return part;
  }

  // A part never changes; that two of one name are the same one is told by the engine's sums of their files.
  Result<std::optional<PartEntry>> FindInBase(const FrozenTable& table, const std::string& name) const {
    const auto found = base_parts_.find({table.name, name});
    if (found == base_parts_.end()) return std::nullopt;
    const auto sums = std::ranges::find(found->second.files, kPartSums, &FileEntry::name);
    if (sums == found->second.files.end()) return std::nullopt;
    ASSIGN_OR_RETURN(const std::string own, ReadSmallFile(table.folder / name / kPartSums));
    if (Sha256(own) != sums->sha256) return std::nullopt;
    return std::optional(found->second);
  }

  static Result<std::uint64_t> ReadRows(const fs::path& part) {
    ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(part / "count.txt"));
    std::uint64_t rows = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
    if (error != std::errc())
      return Fail(ErrorCode::kDataLoss, fmt::format("{} holds no number", (part / "count.txt").string()));
    return rows;
  }

  const Frozen& frozen_;
  const fs::path& folder_;
  Progress& progress_;
  double whole_bytes_ = 0;
  std::map<std::pair<std::string, std::string>, PartEntry> base_parts_;  // by table and name
  Written written_;
};

}  // namespace

Result<Written> WriteBackup(const Frozen& frozen, const WriteOptions& options, Progress& progress) {
  std::optional<Manifest> base;
  if (options.base) {
    ASSIGN_OR_RETURN(base, ReadManifest(*options.base));
  }
  ASSIGN_OR_RETURN(PartialFolder folder, PartialFolder::Make(options.target));
  Writer writer(frozen, folder.path(), progress);
  if (base) writer.UseBase(*base);
  ASSIGN_OR_RETURN(Written written, writer.Write(options.nightjar_version));
  RETURN_IF_ERROR(folder.Finish());
  return written;
}

}  // namespace nightjar::backup
