// Puts a workload into a server and waits until the engine has come to rest.
#pragma once

#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "bench/sender.h"
#include "bench/stored_tables.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct Filled {
  SendReport sent;
  std::vector<TableSize> tables;
};

// Bodies are made in portions, so that a large workload does not have to fit into memory.
Result<Filled> Fill(const WorkloadOptions& workload, const Target& target, Progress& progress);

}  // namespace nightjar::bench
