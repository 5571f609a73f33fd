// Rows and columns as text.
#pragma once

#include <string>
#include <vector>

#include "terminal/text.h"

namespace nightjar::terminal {

struct Column {
  std::string name;
  bool right = false;  // numbers stand at the right
};

constexpr std::size_t kCellWidthMax = 60;

// A line of names, a line, the rows; each cell on one line, at most kCellWidthMax wide. Text is made harmless here.
// REQUIRES: each row has as many cells as there are columns
std::string ToTable(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                    const Options& options);

}  // namespace nightjar::terminal
