// What a benchmark prints: one table for people, or one JSON document.
#pragma once

#include <span>
#include <string>

#include "bench/measure.h"
#include "bench/run.h"

namespace nightjar::bench {

struct Setting {
  Machine machine;
  std::string method;  // in one sentence: loop, connections, batch, protocol
};

std::string ToTable(const Setting& setting, std::span<const RunReport> runs);
std::string ToJsonText(const Setting& setting, std::span<const RunReport> runs);

}  // namespace nightjar::bench
