// A user who reads while others write, on a thread of its own: sees how soon what it sent can be read, and how long
// reads take.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "bench/target.h"
#include "bench/workload.h"

namespace nightjar::bench {

struct ReadTimes {
  // Ascending, one for each round:
  std::vector<std::chrono::nanoseconds> until_by_id;    // from an acknowledgement until a read by id is whole
  std::vector<std::chrono::nanoseconds> until_in_list;  // … until the trace is in its project's list
  std::vector<std::chrono::nanoseconds> by_id;          // a read of an older trace
  std::vector<std::chrono::nanoseconds> list;           // the newest 50 traces of the loaded project
  std::vector<std::chrono::nanoseconds> search;         // … that SearchOf() it finds
  std::size_t failures = 0;                             // reads and exports that were not answered as they should
};

// Ten rounds a second at most, for five minutes at most, from its construction until Stop(), but one at least.
// REQUIRES: the target's API is known.
class Reader {
 public:
  // Reads traces of this workload, which the server has.
  Reader(const Target& target, const WorkloadOptions& older);
  ReadTimes Stop();

 private:
  void Run(const std::stop_token& stop);

  const Target target_;
  const WorkloadOptions older_;
  ReadTimes times_;
  std::jthread thread_;
};

}  // namespace nightjar::bench
