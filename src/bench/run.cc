#include "bench/run.h"

#include <thread>

#include "bench/measure.h"

namespace nightjar::bench {

Result<RunReport> MeasureIngest(const RunOptions& options) {
  const std::vector<Body> bodies = MakeBodies(options.workload);
  RunReport report{.dataset = options.workload.dataset};
  for (const Body& body : bodies) {
    report.offered_spans += body.spans;
    report.offered_bytes += body.bytes.size();
  }

  const bool disk_known = !options.data_directory.empty();
  std::uint64_t disk_before = 0;
  if (disk_known) {
    ASSIGN_OR_RETURN(disk_before, DiskBytes(options.data_directory));
  }
  std::optional<MemoryWatch> memory;
  double cpu_before = 0;
  if (options.server_pid != 0) {
    memory.emplace(options.server_pid);
    cpu_before = ProcessTreeUsage(options.server_pid).cpu_seconds;
  }

  const double own_cpu_before = OwnCpuSeconds();
  ASSIGN_OR_RETURN(report.send, Send(options.send, bodies));
  report.own_cpu_seconds = OwnCpuSeconds() - own_cpu_before;

  if (memory)
    report.server = ServerUse{.cpu_seconds_run = ProcessTreeUsage(options.server_pid).cpu_seconds - cpu_before};
  std::this_thread::sleep_for(options.settle);
  if (memory) {
    report.server->cpu_seconds_settled = ProcessTreeUsage(options.server_pid).cpu_seconds - cpu_before;
    report.server->memory_peak_bytes = memory->peak_bytes();
  }
  if (disk_known) {
    ASSIGN_OR_RETURN(const std::uint64_t disk_after, DiskBytes(options.data_directory));
    report.disk_bytes = disk_after > disk_before ? disk_after - disk_before : 0;
  }
  return report;
}

}  // namespace nightjar::bench
