// What `nightjar bench query` asks.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "bench/workload.h"

namespace nightjar::bench {

struct Question {
  std::string name;
  std::string label;
  std::function<std::string()> target;  // the next path to ask for
};

// One of each kind that docs/guide/benchmarks.md lists; each finds something in the workload. The arguments outlive
// the questions.
std::vector<Question> QuestionsOf(const WorkloadOptions& workload, std::mt19937_64& random);

// Of the heaviest: no index shortens them.
std::vector<std::string> HeavyTargets(const WorkloadOptions& workload);

}  // namespace nightjar::bench
