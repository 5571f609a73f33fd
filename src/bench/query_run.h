// `nightjar bench query`: how long questions take on a server that holds many spans and rests.
#pragma once

#include <cstddef>
#include <string>

#include "base/progress.h"
#include "base/result.h"
#include "bench/figures.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct QueryOptions {
  WorkloadOptions workload;
  std::size_t repeats = 200;  // of each question
  std::string filter;         // for the API's q=; empty: not asked
};

// Fills the server, lets it come to rest, and asks one question after the other on one connection.
// REQUIRES: the target is a server of our own on an empty directory
Result<Column> MeasureQueries(const QueryOptions& options, const Target& target, Progress& progress);

}  // namespace nightjar::bench
