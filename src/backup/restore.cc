#include "backup/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "backup/files.h"
#include "base/check.h"
#include "base/durable_file.h"
#include "engine/supervisor.h"
#include "store/clickhouse.h"
#include "store/native_reader.h"

namespace nightjar::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormatFile = "FORMAT";
constexpr const char* kUnfinished = "an unfinished restore: remove the directory and restore again\n";
constexpr double kMegabyte = 1e6;

Result<void> MakeFolder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) fs::permissions(path, fs::perms::owner_all, error);
  if (error) return Fail(ErrorCode::kUnavailable, fmt::format("cannot make {}: {}", path.string(), error.message()));
  return {};
}

// Names in a manifest become paths: one that leaves its folder is refused, whoever wrote it.
Result<void> CheckName(const std::string& name) {
  const fs::path path(name);
  const bool leaves = std::ranges::any_of(path, [](const fs::path& step) { return step == ".." || step == "."; });
  if (path.empty() || path.is_absolute() || leaves)
    return Fail(ErrorCode::kDataLoss, fmt::format("the backup names a file \"{}\"", name));
  return {};
}

class Restorer {
 public:
  Restorer(const RestoreOptions& options, Progress& progress)
      : options_(options), data_dir_(fs::absolute(options.data_dir).lexically_normal()), progress_(progress) {}

  Result<Manifest> Run() {
    RETURN_IF_ERROR(ReadBackups());
    RETURN_IF_ERROR(CheckTarget());
    Result<void> filled = Fill();
    if (!filled) {
      std::error_code ignored;  // there is an error to report already
      fs::remove_all(data_dir_, ignored);
      return Fail(std::move(filled).error());
    }
    return std::move(manifest_);
  }

 private:
  Result<void> ReadBackups() {
    CHECK(!options_.backups.empty());
    for (const fs::path& path : options_.backups) {
      ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(path));
      folder_of_[manifest.id] = path;
      if (folder_of_.size() == 1) manifest_ = std::move(manifest);
    }
    for (const FileEntry& file : manifest_.files) {
      RETURN_IF_ERROR(CheckName(file.name));
      whole_bytes_ += static_cast<double>(file.size);
    }
    for (const TableEntry& table : manifest_.tables) {
      RETURN_IF_ERROR(CheckName(table.name));
      for (const PartEntry& part : table.parts) RETURN_IF_ERROR(CheckPart(part));
    }
    return {};
  }

  Result<void> CheckPart(const PartEntry& part) {
    RETURN_IF_ERROR(CheckName(part.name));
    if (!folder_of_.contains(part.backup_id))
      return Fail(ErrorCode::kNotFound,
                  fmt::format("{} shares parts with the backup of id {}; name that one too, with another --from",
                              options_.backups[0].string(), part.backup_id));
    for (const FileEntry& file : part.files) {
      RETURN_IF_ERROR(CheckName(file.name));
      whole_bytes_ += static_cast<double>(file.size);
    }
    return {};
  }

  Result<void> CheckTarget() const {
    std::error_code error;
    if (fs::exists(data_dir_, error) && !fs::is_empty(data_dir_, error))
      return Fail(ErrorCode::kFailedPrecondition,
                  fmt::format("{} is not an empty directory; a restore needs a new one", data_dir_.string()));
    return {};
  }

  Result<void> Fill() {
    progress_.Begin("restore");
    RETURN_IF_ERROR(MakeFolder(data_dir_));
    RETURN_IF_ERROR(WriteFileDurably(data_dir_ / kFormatFile, kUnfinished));
    RETURN_IF_ERROR(MakeFolder(data_dir_ / "run"));
    std::string format;
    for (const FileEntry& file : manifest_.files) {
      const fs::path from = options_.backups[0] / file.name;
      if (file.name == kFormatFile) {
        ASSIGN_OR_RETURN(format, ReadSmallFile(from));
        if (Sha256(format) != file.sha256) return Damaged(from);
      } else {
        RETURN_IF_ERROR(Copy(from, data_dir_ / file.name, file));
      }
    }
    if (format.empty()) return Fail(ErrorCode::kDataLoss, "the backup has no FORMAT");
    RETURN_IF_ERROR(FillEngine());
    RETURN_IF_ERROR(SyncFileSystem(data_dir_));
    return WriteFileDurably(data_dir_ / kFormatFile, format);
  }

  Result<void> FillEngine() {
    const fs::path socket = data_dir_ / "run" / "engine.sock";
    ASSIGN_OR_RETURN(const std::unique_ptr<engine::Supervisor> engine,
                     engine::Supervisor::Start({.program = options_.engine_program,
                                                .library = options_.engine_library,
                                                .data_path = data_dir_ / "engine",
                                                .socket_path = socket}));
    store::ClickHouse clickhouse({.unix_socket = socket});
    RETURN_IF_ERROR(clickhouse.Execute("CREATE DATABASE nightjar"));
    // Merges fold copies of a span, and the rows could not be counted.
    RETURN_IF_ERROR(clickhouse.Execute("SYSTEM STOP MERGES"));
    for (const bool views : {false, true}) {  // a view needs the tables that it reads
      for (const TableEntry& table : manifest_.tables) {
        if (table.engine.ends_with("View") != views) continue;
        RETURN_IF_ERROR(clickhouse.Execute(table.create_sql));
        if (!table.parts.empty()) RETURN_IF_ERROR(FillTable(table, clickhouse));
      }
    }
    return {};
  }

  Result<void> FillTable(const TableEntry& table, store::ClickHouse& clickhouse) {
    ASSIGN_OR_RETURN(const fs::path own, FolderOf(table, clickhouse));
    for (const PartEntry& part : table.parts) {
      const fs::path from = folder_of_.at(part.backup_id) / "tables" / table.name / part.name;
      for (const FileEntry& file : part.files)
        RETURN_IF_ERROR(Copy(from / file.name, own / "detached" / part.name / file.name, file));
      RETURN_IF_ERROR(
          clickhouse.Execute(fmt::format("ALTER TABLE nightjar.`{}` ATTACH PART '{}'", table.name, part.name)));
    }
    ASSIGN_OR_RETURN(const std::string bytes,
                     clickhouse.Select(fmt::format("SELECT count() FROM nightjar.`{}`", table.name), {}, {}));
    ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
    const std::uint64_t rows = blocks.empty() ? 0 : blocks[0].columns.at(0).Fixed<std::uint64_t>(0);
    if (rows != table.rows())
      return Fail(ErrorCode::kDataLoss,
                  fmt::format("table {} has {} rows after the restore instead of {}", table.name, rows, table.rows()));
    return {};
  }

  static Result<fs::path> FolderOf(const TableEntry& table, store::ClickHouse& clickhouse) {
    const std::vector<store::QueryParam> params = {{"name", table.name}};
    ASSIGN_OR_RETURN(const std::string bytes,
                     clickhouse.Select("SELECT arrayElement(data_paths, 1) FROM system.tables WHERE database = "
                                       "'nightjar' AND name = {name:String}",
                                       params, {}));
    ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
    if (blocks.empty()) return Fail(ErrorCode::kInternal, fmt::format("table {} was not made", table.name));
    return fs::path(blocks[0].columns.at(0).Text(0));
  }

  Result<void> Copy(const fs::path& from, const fs::path& to, const FileEntry& wanted) {
    const auto copied = [this](std::uint64_t bytes) {
      done_bytes_ += static_cast<double>(bytes);
      progress_.Show(done_bytes_ / kMegabyte, whole_bytes_ / kMegabyte, "MB");
    };
    ASSIGN_OR_RETURN(const FileEntry got, CopyFile(from, to, wanted.name, copied));
    if (got.size != wanted.size || got.sha256 != wanted.sha256) return Damaged(from);
    return {};
  }

  static std::unexpected<Error> Damaged(const fs::path& file) {
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is damaged: its checksum differs", file.string()));
  }

  const RestoreOptions& options_;
  const fs::path data_dir_;
  Progress& progress_;
  std::map<std::string, fs::path> folder_of_;  // by id
  Manifest manifest_;
  double whole_bytes_ = 0;
  double done_bytes_ = 0;
};

}  // namespace

Result<Manifest> Restore(const RestoreOptions& options, Progress& progress) {
  return Restorer(options, progress).Run();
}

}  // namespace nightjar::backup
