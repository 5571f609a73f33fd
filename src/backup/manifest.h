// What a backup holds, file by file. Layout and JSON: docs/formats/backup.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nightjar::backup {

struct FileEntry {
  std::string name;  // relative to where it is listed
  std::uint64_t size = 0;
  std::string sha256;  // hex
};

// An immutable part of a table: a folder of files.
struct PartEntry {
  std::string name;
  std::string backup_id;  // of the backup that holds its files
  std::uint64_t rows = 0;
  std::vector<FileEntry> files;
};

struct TableEntry {
  std::string name;
  std::string engine;  // "ReplacingMergeTree"
  std::string create_sql;
  std::vector<PartEntry> parts;

  [[nodiscard]] std::uint64_t rows() const;
};

struct Manifest {
  std::string id;  // 128 random bits in hex
  std::string nightjar_version;
  std::uint32_t schema_version = 0;
  std::uint64_t created_unix_ns = 0;
  std::vector<FileEntry> files;  // of the data directory itself: FORMAT, segment.key, catalog.db, quarantine/…
  std::vector<TableEntry> tables;
};

// Durable. The checksum of the manifest is written last: with it the backup is whole.
Result<void> WriteManifest(const Manifest& manifest, const std::filesystem::path& backup);

// kNotFound: no backup there, or one that was not finished. kDataLoss: not as it was written. kFailedPrecondition:
// written by a newer program.
Result<Manifest> ReadManifest(const std::filesystem::path& backup);

}  // namespace nightjar::backup
