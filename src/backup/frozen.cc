#include "backup/frozen.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <system_error>
#include <utility>

#include "store/native_reader.h"

namespace nightjar::backup {
namespace {

constexpr const char* kName = "nightjar_backup";  // one at a time; without letters that the engine would escape

Result<std::vector<FrozenTable>> ListTables(store::ClickHouse& clickhouse, const std::filesystem::path& engine) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse.Select("SELECT name, engine, create_table_query, arrayElement(data_paths, 1) FROM "
                                     "system.tables WHERE database = 'nightjar' ORDER BY name",
                                     {}, {}));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<FrozenTable> tables;
  for (const store::NativeBlock& block : blocks) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      FrozenTable table{std::string(block.columns.at(0).Text(row)),
                        std::string(block.columns.at(1).Text(row)),
                        std::string(block.columns.at(2).Text(row)),
                        {}};
      // A table without files of its own, such as a view, has no path.
      const std::filesystem::path own(block.columns.at(3).Text(row));
      if (!own.empty()) table.folder = engine / "shadow" / kName / own.lexically_relative(engine);
      tables.push_back(std::move(table));
    }
  }
  return tables;
}

Result<bool> HasParts(store::ClickHouse& clickhouse, const std::string& table) {
  const std::vector<store::QueryParam> params = {{"table", table}};
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse.Select("SELECT name FROM system.parts WHERE database = 'nightjar' AND active AND "
                                     "table = {table:String} LIMIT 1",
                                     params, {}));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  return !blocks.empty() && blocks[0].rows != 0;
}

Result<std::uint32_t> SchemaVersion(store::ClickHouse& clickhouse) {
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select("SELECT max(version) FROM nightjar.migrations", {}, {}));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered the schema version with no row");
  return blocks[0].columns.at(0).Fixed<std::uint32_t>(0);
}

}  // namespace

std::filesystem::path FrozenRoot(const std::filesystem::path& data_dir) { return data_dir / "engine" / "shadow"; }

std::filesystem::path FrozenCatalog(const Frozen& frozen) { return frozen.folder / "catalog.db"; }

Result<Frozen> Freeze(store::ClickHouse& clickhouse, const std::filesystem::path& data_dir) {
  Frozen frozen{.data_dir = data_dir, .folder = FrozenRoot(data_dir) / kName};
  RETURN_IF_ERROR(Thaw(frozen.folder));  // what a failed call may have left
  ASSIGN_OR_RETURN(frozen.schema_version, SchemaVersion(clickhouse));
  ASSIGN_OR_RETURN(frozen.tables, ListTables(clickhouse, data_dir / "engine"));
  for (const FrozenTable& table : frozen.tables) {
    if (table.folder.empty()) continue;
    ASSIGN_OR_RETURN(const bool has_parts, HasParts(clickhouse, table.name));
    RETURN_IF_ERROR(
        clickhouse.Execute(fmt::format("ALTER TABLE nightjar.`{}` FREEZE WITH NAME '{}'", table.name, kName)));
    if (has_parts && !std::filesystem::exists(table.folder))
      return Fail(ErrorCode::kInternal,
                  fmt::format("the engine froze table {}, but not at {}", table.name, table.folder.string()));
  }
  return frozen;
}

Result<void> Thaw(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot remove {}: {}", folder.string(), error.message()));
  return {};
}

json::object ToJsonObject(const Frozen& frozen) {
  json::array tables;
  for (const FrozenTable& table : frozen.tables)
    tables.push_back(json::object{{"name", table.name},
                                  {"engine", table.engine},
                                  {"create_sql", table.create_sql},
                                  {"folder", table.folder.string()}});
  return {{"data_dir", frozen.data_dir.string()},
          {"folder", frozen.folder.string()},
          {"schema_version", frozen.schema_version},
          {"tables", std::move(tables)}};
}

Result<Frozen> FrozenFromJson(std::string_view text) {
  ASSIGN_OR_RETURN(const json::value value, ParseJson(text));
  try {
    const auto text_of = [](const json::object& object, const char* name) {
      return std::string(object.at(name).as_string());
    };
    const json::object& object = value.as_object();
    if (object.contains("error")) return Fail(ErrorCode::kUnavailable, text_of(object, "error"));
    Frozen frozen{.data_dir = text_of(object, "data_dir"),
                  .folder = text_of(object, "folder"),
                  .schema_version = object.at("schema_version").to_number<std::uint32_t>()};
    for (const json::value& entry : object.at("tables").as_array()) {
      const json::object& table = entry.as_object();
      frozen.tables.push_back(
          {text_of(table, "name"), text_of(table, "engine"), text_of(table, "create_sql"), text_of(table, "folder")});
    }
    return frozen;
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInternal, fmt::format("the server's answer cannot be read: {}", error.what()));
  }
}

}  // namespace nightjar::backup
