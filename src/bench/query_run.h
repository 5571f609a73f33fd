// `nightjar bench query`: how long questions take on a server that holds many spans, cold and warm, at rest and while
// it takes more, and what a crowd of questions does to those who send.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/progress.h"
#include "base/result.h"
#include "bench/figures.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct QueryOptions {
  WorkloadOptions workload;
  std::size_t repeats = 200;             // of each question
  std::chrono::seconds question_max{8};  // … but no more once this time is over
  double busy_spans_per_s = 0;           // offered while questions are asked once more; 0: left out
  std::size_t crowd = 0;                 // heavy questions asked at one time, while spans come; 0: left out
};

// Fills the server, lets it come to rest, and asks one question after the other on one connection.
// REQUIRES: the target is a server of our own on an empty directory
Result<Column> MeasureQueries(const QueryOptions& options, const Target& target, Progress& progress);

}  // namespace nightjar::bench
