// The data directory: made, locked, and checked before anything is written. Layout: docs/formats/data_directory.md.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "store/segment.h"

namespace nightjar::app {

// What its file FORMAT holds.
constexpr std::string_view kDataDirFormat = "nightjar-data 2\n";

// Holds the directory for this process until destroyed.
class DataDir {
 public:
  // Makes what is missing. kAlreadyExists: another process has it. kFailedPrecondition: not writable, or of another
  // format version.
  static Result<DataDir> Open(const std::filesystem::path& path);
  ~DataDir();
  DataDir(DataDir&& other) noexcept;
  DataDir& operator=(DataDir&&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path engine_path() const { return path_ / "engine"; }
  [[nodiscard]] std::filesystem::path catalog_path() const { return path_ / "catalog.db"; }
  [[nodiscard]] std::filesystem::path journal_path() const { return path_ / "journal"; }
  [[nodiscard]] std::filesystem::path quarantine_path() const { return path_ / "quarantine"; }
  [[nodiscard]] std::filesystem::path engine_socket() const { return path_ / "run" / "engine.sock"; }

  // The secret for segment hashes, made on first use.
  [[nodiscard]] Result<store::SegmentKey> ReadSegmentKey() const;

 private:
  DataDir(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;  // absolute
  int lock_;
};

}  // namespace nightjar::app
