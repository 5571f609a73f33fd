// What a benchmark found: named numbers in columns, printed as a table for people and kept as JSON to compare with.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/measure.h"

namespace nightjar::bench {

struct Figure {
  std::string name;   // in JSON
  std::string label;  // in the table
  int decimals = 0;
  std::optional<double> value;  // nothing: not known in this run
};

struct Column {
  std::string name;  // the data set, and what else tells it from the others
  std::vector<Figure> figures;
};

struct Report {
  std::string benchmark;
  Machine machine;
  std::string method;  // in one sentence: loop, connections, batch, protocol
  std::vector<Column> columns;
};

// "name_p50_ms" and "name_p99_ms" of durations in ascending order; nothing for either when there are none.
void AddQuantiles(const std::string& name, const std::string& label,
                  std::span<const std::chrono::nanoseconds> ascending, std::vector<Figure>& figures);

// With a baseline, each value is followed by its ratio to the baseline's.
std::string ToTable(const Report& report, const Report* baseline);

std::string ToJsonText(const Report& report);
// The inverse, without labels. kInvalidArgument for text that ToJsonText did not make.
Result<Report> FromJsonText(std::string_view text);

}  // namespace nightjar::bench
