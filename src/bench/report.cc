// Both forms are made of one list of figures, so that they cannot differ.
#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "base/json.h"

namespace nightjar::bench {
namespace {

struct Figure {
  const char* name;   // in JSON
  const char* label;  // in the table
  int decimals;
  std::optional<double> value;  // nothing: not known in this run
};

double Milliseconds(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

std::vector<Figure> Figures(const RunReport& run) {
  const auto spans = static_cast<double>(run.send.spans);
  const auto per_span = [&](std::optional<double> total) {
    return total && spans > 0 ? std::optional(*total / spans) : std::nullopt;
  };
  const auto per_million = [&](std::optional<double> total) {
    const auto each = per_span(total);
    return each ? std::optional(*each * 1e6) : std::nullopt;
  };
  std::optional<double> cpu_run, cpu_settled, memory, disk, storage;
  if (run.server) {
    cpu_run = run.server->cpu_seconds_run;
    cpu_settled = run.server->cpu_seconds_settled;
    memory = static_cast<double>(run.server->memory_peak_bytes) / (1 << 20);
  }
  if (run.disk_bytes) disk = static_cast<double>(*run.disk_bytes);
  if (run.storage_bytes) storage = static_cast<double>(*run.storage_bytes);
  std::size_t refused = 0;
  for (const auto& [status, count] : run.send.refusals) refused += count;
  const auto& latencies = run.send.latencies;
  return {
      {"spans_acknowledged", "spans acknowledged", 0, spans},
      {"spans_rejected", "spans rejected", 0, static_cast<double>(run.send.rejected_spans)},
      {"requests_refused", "requests refused (429, 503), sent again", 0, static_cast<double>(refused)},
      {"request_bytes_per_span", "request bytes per span", 0,
       static_cast<double>(run.offered_bytes) / static_cast<double>(std::max<std::size_t>(run.offered_spans, 1))},
      {"seconds", "seconds", 2, run.send.seconds},
      {"spans_per_s", "spans/s acknowledged", 0, spans / std::max(run.send.seconds, 1e-9)},
      {"mb_per_s", "MB/s acknowledged", 1,
       static_cast<double>(run.send.bytes) / 1e6 / std::max(run.send.seconds, 1e-9)},
      {"ack_p50_ms", "acknowledgement p50, ms", 1, Milliseconds(Quantile(latencies, 0.5))},
      {"ack_p99_ms", "acknowledgement p99, ms", 1, Milliseconds(Quantile(latencies, 0.99))},
      {"ack_max_ms", "acknowledgement max, ms", 1, Milliseconds(Quantile(latencies, 1))},
      {"server_cpu_s_per_1m_spans", "server CPU-s per 1M spans, until the last ack", 2, per_million(cpu_run)},
      {"server_cpu_s_per_1m_spans_settled", "server CPU-s per 1M spans, settled", 2, per_million(cpu_settled)},
      {"server_memory_peak_mib", "server memory peak, MiB", 0, memory},
      {"disk_bytes_per_span", "bytes per span on disk, settled", 1, per_span(disk)},
      {"storage_bytes_per_span", "bytes per span of live data, settled", 1, per_span(storage)},
      {"client_cpu_s_per_1m_spans", "load generator CPU-s per 1M spans", 2, per_million(run.own_cpu_seconds)},
  };
}

json::object ToJson(const Machine& machine) {
  return {{"cpu", machine.cpu},
          {"cores", machine.cores},
          {"memory_gib", std::round(machine.memory_gib * 10) / 10},
          {"kernel", machine.kernel},
          {"filesystem", machine.filesystem},
          {"load", machine.load}};
}

// With as many decimals as the table shows; a whole number where that is none.
json::value ToJson(const Figure& figure) {
  if (!figure.value) return nullptr;
  const double scale = std::pow(10, figure.decimals);
  const double rounded = std::round(*figure.value * scale) / scale;
  return figure.decimals == 0 ? json::value(static_cast<std::int64_t>(rounded)) : json::value(rounded);
}

}  // namespace

std::string ToTable(const Setting& setting, std::span<const RunReport> runs) {
  const Machine& machine = setting.machine;
  std::string text =
      fmt::format("{}, {} cores, {:.0f} GiB, {}, {}, load {:.1f} before\n{}\n\n{:46}", machine.cpu, machine.cores,
                  machine.memory_gib, machine.kernel, machine.filesystem, machine.load, setting.method, "");
  std::vector<std::vector<Figure>> columns;
  for (const RunReport& run : runs) {
    columns.push_back(Figures(run));
    fmt::format_to(std::back_inserter(text), "{:>12}", ToString(run.dataset));
  }
  text += '\n';
  for (std::size_t row = 0; !columns.empty() && row < columns[0].size(); ++row) {
    fmt::format_to(std::back_inserter(text), "{:46}", columns[0][row].label);
    for (const std::vector<Figure>& column : columns) {
      const Figure& figure = column[row];
      const std::string shown = figure.value ? fmt::format("{:.{}f}", *figure.value, figure.decimals) : "-";
      fmt::format_to(std::back_inserter(text), "{:>12}", shown);
    }
    text += '\n';
  }
  return text;
}

std::string ToJsonText(const Setting& setting, std::span<const RunReport> runs) {
  json::array list;
  for (const RunReport& run : runs) {
    json::object object{{"dataset", ToString(run.dataset)}};
    for (const Figure& figure : Figures(run)) object[figure.name] = ToJson(figure);
    list.push_back(std::move(object));
  }
  return nightjar::ToJson(
             json::object{{"machine", ToJson(setting.machine)}, {"method", setting.method}, {"runs", list}}) +
         "\n";
}

}  // namespace nightjar::bench
