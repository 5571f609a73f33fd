#include "terminal/table.h"

#include <algorithm>

#include "base/check.h"

namespace nightjar::terminal {
namespace {

std::string Cell(std::string_view text, std::size_t width, bool right) {
  if (!right) return Fitted(text, width);
  const std::size_t own = Width(text);
  return own >= width ? Fitted(text, width) : std::string(width - own, ' ') + std::string(text);
}

std::string Line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : "  ") + cell;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string ToTable(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows,
                    const Options& options) {
  std::vector<std::vector<std::string>> shown;
  std::vector<std::size_t> widths;
  for (const Column& column : columns) widths.push_back(Width(Harmless(column.name)));
  for (const std::vector<std::string>& row : rows) {
    CHECK(row.size() == columns.size());
    std::vector<std::string>& cells = shown.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Harmless(row[i]));
      widths[i] = std::max(widths[i], Width(cells[i]));
    }
  }
  std::vector<std::string> names;
  std::vector<std::string> rules;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    widths[i] = std::min(widths[i], kCellWidthMax);
    names.push_back(Cell(Harmless(columns[i].name), widths[i], columns[i].right));
    std::string& rule = rules.emplace_back();
    for (std::size_t column = 0; column < widths[i]; ++column) rule += "─";
  }
  std::string out = Colored(Line(names), "1", options) + "\n" + Line(rules) + "\n";
  for (const std::vector<std::string>& row : shown) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) cells.push_back(Cell(row[i], widths[i], columns[i].right));
    out += Line(cells) + "\n";
  }
  return out;
}

}  // namespace nightjar::terminal
