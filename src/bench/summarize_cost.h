// What understanding spans costs: the part of taking them in that the rules of semconv are.
#pragma once

#include "base/result.h"
#include "bench/workload.h"

namespace nightjar::bench {

// CPU seconds of this thread for summarising a million spans of the data set, as it is done once for each span that is
// taken in. Measured over some thousand decoded spans, several times; the median.
Result<double> SummarizeCpuSecondsPerMillion(WorkloadOptions workload);

}  // namespace nightjar::bench
