// `nightjar bench ingest`: what it costs to take spans in, in phases that follow each other on one server.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/progress.h"
#include "base/result.h"
#include "bench/body_stream.h"
#include "bench/figures.h"
#include "bench/sender.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

enum class Transport { kHttp, kHttpGzip, kGrpc };

// A phase of 0 s is left out, and its figures are not known.
struct IngestOptions {
  WorkloadOptions workload;
  Transport transport = Transport::kHttp;
  std::size_t connections = 8;
  double spans_per_s = 0;             // of the first phase; 0: as fast as answers come
  std::chrono::seconds sustained{0};  // send for so long instead of workload.spans; not compressed
  std::chrono::seconds settle{12};    // measured on after a load: the engine merges in the background
  std::chrono::seconds half{5};       // at half the speed of the first phase
  std::chrono::seconds mixed{10};     // at mixed_spans_per_s or half speed, while somebody reads
  double mixed_spans_per_s = 30'000;
  std::chrono::seconds trickle{10};  // ten clients, each with 10 spans every 100 ms
  std::chrono::seconds idle{10};     // nothing is sent
};

Result<Column> MeasureIngest(const IngestOptions& options, const Target& target, Progress& progress);

}  // namespace nightjar::bench
