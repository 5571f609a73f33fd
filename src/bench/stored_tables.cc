#include "bench/stored_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "store/clickhouse.h"
#include "store/native_reader.h"

namespace nightjar::bench {
namespace {

constexpr int kQuietSeconds = 3;

store::ClickHouse Engine(const std::filesystem::path& data_directory) {
  return store::ClickHouse({.unix_socket = data_directory / "run" / "engine.sock"});
}

// Parts that exist, and merges that run: the same numbers twice mean that nothing happened in between.
Result<std::string> Activity(store::ClickHouse& engine) {
  return engine.Select(
      "SELECT (SELECT count() FROM system.merges), (SELECT groupBitXor(cityHash64(table, name)) FROM system.parts "
      "WHERE database = 'nightjar' AND active)",
      {}, {});
}

}  // namespace

Result<std::vector<TableSize>> StoredTables(const std::filesystem::path& data_directory) {
  store::ClickHouse engine = Engine(data_directory);
  ASSIGN_OR_RETURN(
      const std::string bytes,
      engine.Select("SELECT t.name, sum(p.bytes_on_disk), sum(p.rows), countIf(p.rows != 0) FROM system.tables AS t "
                    "LEFT JOIN (SELECT table, bytes_on_disk, rows FROM system.parts WHERE database = 'nightjar' AND "
                    "active) AS p ON p.table = t.name WHERE t.database = 'nightjar' GROUP BY t.name ORDER BY t.name",
                    {}, {}));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<TableSize> tables;
  for (const store::NativeBlock& block : blocks) {
    for (std::size_t row = 0; row < block.rows; ++row)
      tables.push_back({.name = std::string(block.columns.at(0).Text(row)),
                        .live_bytes = block.columns.at(1).Fixed<std::uint64_t>(row),
                        .rows = block.columns.at(2).Fixed<std::uint64_t>(row),
                        .parts = block.columns.at(3).Fixed<std::uint64_t>(row)});
  }
  return tables;
}

Result<std::vector<TableSize>> WaitForMerges(const std::filesystem::path& data_directory, std::chrono::seconds patience,
                                             Progress& progress) {
  store::ClickHouse engine = Engine(data_directory);
  std::string last;
  int quiet = 0;
  for (auto waited = std::chrono::seconds(0); quiet < kQuietSeconds; ++waited) {
    if (waited > patience)
      return Fail(ErrorCode::kDeadlineExceeded, fmt::format("the engine still merges after {} s", patience.count()));
    progress.Show(static_cast<double>(waited.count()), static_cast<double>(patience.count()), "s at most");
    ASSIGN_OR_RETURN(std::string now, Activity(engine));
    quiet = now == last ? quiet + 1 : 0;
    last = std::move(now);
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  return StoredTables(data_directory);
}

}  // namespace nightjar::bench
