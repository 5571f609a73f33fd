// `nightjar bench size`: bytes per span, table by table, beside what was sent.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "bench/figures.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

// Sends the workload as fast as answers come, waits until the engine has merged, and asks it.
// REQUIRES: the target is a server of our own on an empty directory
Result<Column> MeasureSize(const WorkloadOptions& workload, const Target& target, Progress& progress);

}  // namespace nightjar::bench
