#include "bench/size_run.h"

#include <fmt/format.h>

#include <string>

#include "bench/fill.h"
#include "bench/measure.h"
#include "bench/stored_tables.h"

namespace nightjar::bench {

Result<Column> MeasureSize(const WorkloadOptions& workload, const Target& target, Progress& progress) {
  ASSIGN_OR_RETURN(const std::uint64_t disk_before, DiskBytes(target.data_directory));
  ASSIGN_OR_RETURN(const Filled filled, Fill(workload, target, progress));
  ASSIGN_OR_RETURN(const std::uint64_t disk_after, DiskBytes(target.data_directory));
  const auto spans = static_cast<double>(filled.sent.spans);
  const double wire = static_cast<double>(filled.sent.bytes) / spans;
  Column column{.name = std::string(ToString(workload.dataset))};
  const auto add = [&](std::string name, std::string label, int decimals, double value) {
    column.figures.push_back({std::move(name), std::move(label), decimals, value});
  };
  add("spans", "spans", 0, spans);
  add("request_bytes_per_span", "request bytes per span", 1, wire);
  double live = 0;
  for (const TableSize& table : filled.tables) {
    if (table.rows == 0) continue;
    const double each = static_cast<double>(table.live_bytes) / spans;
    live += each;
    add(table.name + "_bytes_per_span", fmt::format("{}: bytes per span", table.name), 1, each);
    add(table.name + "_rows", fmt::format("{}: rows", table.name), 0, static_cast<double>(table.rows));
    add(table.name + "_parts", fmt::format("{}: parts", table.name), 0, static_cast<double>(table.parts));
  }
  add("live_bytes_per_span", "bytes per span of live data", 1, live);
  add("disk_bytes_per_span", "bytes per span on disk, with journal and merged parts", 1,
      static_cast<double>(disk_after - std::min(disk_before, disk_after)) / spans);
  add("request_to_live", "request bytes / bytes of live data", 1, wire / live);
  return column;
}

}  // namespace nightjar::bench
