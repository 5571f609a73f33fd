// A moment of the engine's tables and of the catalog, kept as hard links to their immutable parts beside the tables
// themselves: it takes milliseconds and no space, and may be copied at leisure while the tables change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::backup {

struct FrozenTable {
  std::string name;
  std::string engine;
  std::string create_sql;
  std::filesystem::path folder;  // of its parts; missing when it has none
};

struct Frozen {
  std::filesystem::path data_dir;  // of the server
  std::filesystem::path folder;    // what Thaw removes
  std::uint32_t schema_version = 0;
  std::vector<FrozenTable> tables;
};

// Where the server puts its copy of the catalog.
std::filesystem::path FrozenCatalog(const Frozen& frozen);

// All tables of the database, each as it is at some time during the call: nothing may be inserted meanwhile.
// `data_dir` is the server's, whose engine `clickhouse` asks.
Result<Frozen> Freeze(store::ClickHouse& clickhouse, const std::filesystem::path& data_dir);

// Removes it. Also what a killed program left, when no engine runs on the directory.
Result<void> Thaw(const std::filesystem::path& folder);

// Where every frozen moment lies.
std::filesystem::path FrozenRoot(const std::filesystem::path& data_dir);

// For the way from the server to the program that copies.
json::object ToJsonObject(const Frozen& frozen);
Result<Frozen> FrozenFromJson(std::string_view text);

}  // namespace nightjar::backup
