// One measured run: a workload against one server.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "bench/sender.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct RunOptions {
  WorkloadOptions workload;
  SendOptions send;
  pid_t server_pid = 0;                  // 0: the server's use of CPU and memory is not known
  std::filesystem::path data_directory;  // empty: nor that of the disk
  std::chrono::seconds settle{12};       // measured on after the last acknowledgement: servers merge in the background
};

struct ServerUse {
  double cpu_seconds_run = 0;      // until the last acknowledgement
  double cpu_seconds_settled = 0;  // … and the settling time
  std::uint64_t memory_peak_bytes = 0;
};

struct RunReport {
  Dataset dataset = Dataset::kLlm;
  std::size_t offered_spans = 0;
  std::size_t offered_bytes = 0;
  SendReport send;
  double own_cpu_seconds = 0;  // the load generator's, while it sent
  std::optional<ServerUse> server;
  std::optional<std::uint64_t> disk_bytes;     // by which the directory grew, after settling
  std::optional<std::uint64_t> storage_bytes;  // live data then, where the server tells it
};

Result<RunReport> MeasureIngest(const RunOptions& options);

}  // namespace nightjar::bench
