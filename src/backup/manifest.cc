#include "backup/manifest.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <numeric>

#include "backup/files.h"
#include "base/durable_file.h"
#include "base/json.h"

namespace nightjar::backup {
namespace {

constexpr int kFormat = 1;
constexpr const char* kManifest = "manifest.json";
constexpr const char* kChecksum = "manifest.sha256";

json::array ToJsonArray(const std::vector<FileEntry>& files) {
  json::array list;
  for (const FileEntry& file : files)
    list.push_back(json::object{{"name", file.name}, {"size", file.size}, {"sha256", file.sha256}});
  return list;
}

json::object ToJsonObject(const TableEntry& table) {
  json::array parts;
  for (const PartEntry& part : table.parts)
    parts.push_back(json::object{
        {"name", part.name}, {"backup_id", part.backup_id}, {"rows", part.rows}, {"files", ToJsonArray(part.files)}});
  return {{"name", table.name},
          {"engine", table.engine},
          {"create_sql", table.create_sql},
          {"rows", table.rows()},
          {"parts", std::move(parts)}};
}

// Reading throws on anything that is not there or of another type; ReadManifest catches.
std::string Text(const json::object& object, const char* name) { return std::string(object.at(name).as_string()); }

std::vector<FileEntry> FilesFrom(const json::object& object) {
  std::vector<FileEntry> files;
  for (const json::value& value : object.at("files").as_array()) {
    const json::object& file = value.as_object();
    files.push_back({Text(file, "name"), file.at("size").to_number<std::uint64_t>(), Text(file, "sha256")});
  }
  return files;
}

TableEntry TableFrom(const json::object& object) {
  TableEntry table{Text(object, "name"), Text(object, "engine"), Text(object, "create_sql"), {}};
  for (const json::value& value : object.at("parts").as_array()) {
    const json::object& part = value.as_object();
    table.parts.push_back(
        {Text(part, "name"), Text(part, "backup_id"), part.at("rows").to_number<std::uint64_t>(), FilesFrom(part)});
  }
  return table;
}

Manifest ManifestFrom(const json::object& object) {
  Manifest manifest{.id = Text(object, "id"),
                    .nightjar_version = Text(object, "nightjar_version"),
                    .schema_version = object.at("schema_version").to_number<std::uint32_t>(),
                    .created_unix_ns = object.at("created_unix_ns").to_number<std::uint64_t>(),
                    .files = FilesFrom(object)};
  for (const json::value& table : object.at("tables").as_array())
    manifest.tables.push_back(TableFrom(table.as_object()));
  return manifest;
}

}  // namespace

std::uint64_t TableEntry::rows() const {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const PartEntry& part) { return sum + part.rows; });
}

Result<void> WriteManifest(const Manifest& manifest, const std::filesystem::path& backup) {
  json::array tables;
  for (const TableEntry& table : manifest.tables) tables.push_back(ToJsonObject(table));
  const std::string text = ToJson(json::object{{"format", kFormat},
                                               {"id", manifest.id},
                                               {"nightjar_version", manifest.nightjar_version},
                                               {"schema_version", manifest.schema_version},
                                               {"created_unix_ns", manifest.created_unix_ns},
                                               {"files", ToJsonArray(manifest.files)},
                                               {"tables", std::move(tables)}}) +
                           "\n";
  RETURN_IF_ERROR(WriteFileDurably(backup / kManifest, text));
  return WriteFileDurably(backup / kChecksum, fmt::format("{}  {}\n", Sha256(text), kManifest));
}

Result<Manifest> ReadManifest(const std::filesystem::path& backup) {
  const Result<std::string> checksum = ReadSmallFile(backup / kChecksum);
  if (!checksum)
    return Fail(ErrorCode::kNotFound,
                fmt::format("{} is no finished backup: {}", backup.string(), checksum.error().message));
  ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(backup / kManifest));
  if (*checksum != fmt::format("{}  {}\n", Sha256(text), kManifest))
    return Fail(ErrorCode::kDataLoss,
                fmt::format("{} is damaged: its checksum differs", (backup / kManifest).string()));
  ASSIGN_OR_RETURN(const json::value value, ParseJson(text));
  try {
    const json::object& object = value.as_object();
    if (object.at("format").to_number<int>() != kFormat)
      return Fail(
          ErrorCode::kFailedPrecondition,
          fmt::format("{} has another format of backups; restore it with the program that wrote it, nightjar {}",
                      backup.string(), Text(object, "nightjar_version")));
    return ManifestFrom(object);
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kDataLoss, fmt::format("{}: {}", (backup / kManifest).string(), error.what()));
  }
}

}  // namespace nightjar::backup
