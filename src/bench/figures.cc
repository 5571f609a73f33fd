#include "bench/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <iterator>

#include "base/json.h"
#include "bench/sender.h"

namespace nightjar::bench {
namespace {

constexpr int kLabelWidth = 50;

json::object ToJson(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_gib", std::round(machine.memory_gib * 10) / 10},
          {"kernel", machine.kernel},
          {"filesystem", machine.filesystem},
          {"load", machine.load}};
}

Machine MachineFrom(const json::object& object) {
  return {.cpu = std::string(object.at("cpu").as_string()),
          .cores = object.at("cores").to_number<unsigned>(),
          .memory_gib = object.at("memory_gib").to_number<double>(),
          .kernel = std::string(object.at("kernel").as_string()),
          .filesystem = std::string(object.at("filesystem").as_string()),
          .load = object.at("load").to_number<double>()};
}

// With as many decimals as the table shows; a whole number where that is none.
json::value ToJson(const Figure& figure) {
  if (!figure.value) return nullptr;
  const double scale = std::pow(10, figure.decimals);
  const double rounded = std::round(*figure.value * scale) / scale;
  return figure.decimals == 0 ? json::value(static_cast<std::int64_t>(rounded)) : json::value(rounded);
}

std::string Describe(const Machine& machine) {
  return fmt::format("{}, {} cores, {:.0f} GiB, {}, {}, load {:.1f} before", machine.cpu, machine.cores,
                     machine.memory_gib, machine.kernel, machine.filesystem, machine.load);
}

// The baseline's value of the same name in the column of the same name.
std::optional<double> BaselineOf(const Report* baseline, const Column& column, const Figure& figure) {
  if (baseline == nullptr) return std::nullopt;
  const auto other = std::ranges::find(baseline->columns, column.name, &Column::name);
  if (other == baseline->columns.end()) return std::nullopt;
  const auto found = std::ranges::find(other->figures, figure.name, &Figure::name);
  return found == other->figures.end() ? std::nullopt : found->value;
}

// Each figure once, in the order of the first column that has it.
std::vector<Figure> Rows(const Report& report) {
  std::vector<Figure> rows;
  for (const Column& column : report.columns) {
    auto after = rows.begin();
    for (const Figure& figure : column.figures) {
      const auto found = std::ranges::find(rows, figure.name, &Figure::name);
      after = found == rows.end() ? std::next(rows.insert(after, figure)) : std::next(found);
    }
  }
  return rows;
}

std::string Cell(const Figure& figure, std::optional<double> baseline) {
  if (!figure.value) return "-";
  std::string text = fmt::format("{:.{}f}", *figure.value, figure.decimals);
  if (baseline && *baseline != 0) text += fmt::format(" x{:.2f}", *figure.value / *baseline);
  return text;
}

}  // namespace

void AddQuantiles(const std::string& name, const std::string& label,
                  std::span<const std::chrono::nanoseconds> ascending, std::vector<Figure>& figures) {
  for (const auto& [suffix, q] : {std::pair("p50", 0.5), std::pair("p99", 0.99)}) {
    std::optional<double> value;
    if (!ascending.empty()) value = std::chrono::duration<double, std::milli>(Quantile(ascending, q)).count();
    figures.push_back({fmt::format("{}_{}_ms", name, suffix), fmt::format("{} {}, ms", label, suffix), 1, value});
  }
}

std::string ToTable(const Report& report, const Report* baseline) {
  const std::size_t width = baseline == nullptr ? 14 : 22;
  std::string text = fmt::format("{}\n{}\n", Describe(report.machine), report.method);
  if (baseline != nullptr)
    text +=
        fmt::format("xN: times the value of the baseline, {}\n  {}\n", Describe(baseline->machine), baseline->method);
  fmt::format_to(std::back_inserter(text), "\n{:{}}", "", kLabelWidth);
  for (const Column& column : report.columns) fmt::format_to(std::back_inserter(text), "{:>{}}", column.name, width);
  text += '\n';
  for (const Figure& row : Rows(report)) {
    fmt::format_to(std::back_inserter(text), "{:{}}", row.label, kLabelWidth);
    for (const Column& column : report.columns) {
      const auto figure = std::ranges::find(column.figures, row.name, &Figure::name);
      const std::string cell =
          figure == column.figures.end() ? "-" : Cell(*figure, BaselineOf(baseline, column, *figure));
      fmt::format_to(std::back_inserter(text), "{:>{}}", cell, width);
    }
    text += '\n';
  }
  return text;
}

std::string ToJsonText(const Report& report) {
  json::array columns;
  for (const Column& column : report.columns) {
    json::object figures;
    for (const Figure& figure : column.figures) figures[figure.name] = ToJson(figure);
    columns.push_back(json::object{{"name", column.name}, {"figures", std::move(figures)}});
  }
  return nightjar::ToJson(json::object{{"benchmark", report.benchmark},
                                       {"machine", ToJson(report.machine)},
                                       {"method", report.method},
                                       {"columns", std::move(columns)}}) +
         "\n";
}

Result<Report> FromJsonText(std::string_view text) {
  ASSIGN_OR_RETURN(const json::value value, ParseJson(text));
  try {
    const json::object& object = value.as_object();
    Report report{.benchmark = std::string(object.at("benchmark").as_string()),
                  .machine = MachineFrom(object.at("machine").as_object()),
                  .method = std::string(object.at("method").as_string())};
    for (const json::value& entry : object.at("columns").as_array()) {
      Column column{.name = std::string(entry.as_object().at("name").as_string())};
      for (const auto& [name, number] : entry.as_object().at("figures").as_object()) {
        Figure figure{.name = std::string(name)};
        if (!number.is_null()) figure.value = number.to_number<double>();
        column.figures.push_back(std::move(figure));
      }
      report.columns.push_back(std::move(column));
    }
    return report;
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("not the JSON of nightjar bench: {}", error.what()));
  }
}

}  // namespace nightjar::bench
