#include "bench/query_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "bench/fill.h"
#include "client/http_client.h"

namespace nightjar::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Question {
  std::string name;
  std::string label;
  std::function<std::string()> target;  // the next path to ask for; empty: the question is not asked
};

std::vector<Question> Questions(const QueryOptions& options, std::mt19937_64& random) {
  const std::string project = fmt::format("/api/v1/projects/{}", ProjectOf(options.workload.dataset));
  const std::string filter = options.filter.empty() ? "" : client::PercentEncode(options.filter);
  const auto ask = [&project](const char* name, const char* label, const char* path, std::string_view query) {
    return Question{name, label, [target = project + path + client::PercentEncode(query)] { return target; }};
  };
  return {
      {"by_id", "a trace by id",
       [&] {
         const std::uint64_t number = random() % TraceCount(options.workload);
         return "/api/v1/traces/" + TraceIdOf(options.workload.seed, number).ToHex();
       }},
      {"by_id_in_project", "a trace by id, project known",
       [&random, &options, project] {
         const std::uint64_t number = random() % TraceCount(options.workload);
         return project + "/traces/" + TraceIdOf(options.workload.seed, number).ToHex();
       }},
      {"list", "50 newest traces", [project] { return project + "/traces?limit=50"; }},
      {"projects", "projects with their totals", [] { return std::string("/api/v1/projects"); }},
      {"filtered", "50 newest traces that match --filter",
       [project, filter] { return filter.empty() ? "" : project + "/traces?limit=50&q=" + filter; }},
      {"histogram", "histogram of the project", [project] { return project + "/histogram"; }},
      ask("by_kind", "spans by kind", "/spans?q=", "kind:llm"),
      ask("by_service", "spans by service", "/spans?q=", "service:a*"),
      ask("by_name", "spans by name", "/spans?q=", "name:*a*"),
      ask("by_duration", "spans by duration", "/spans?q=", "duration>1s"),
      ask("by_attribute", "spans by an attribute", "/spans?q=", "attributes.http.status_code:500"),
      ask("by_all", "spans by all of these",
          "/spans?q=", "kind:llm service:a* name:*a* duration>1s attributes.http.status_code:500"),
      ask("by_word", "spans with a word in what they hold", "/spans?q=", "refund"),
      ask("by_cost", "traces by cost", "/traces?q=", "cost>0.001"),
      ask("sorted_by_cost", "traces sorted by cost", "/traces?sort=-", "cost"),
      ask("facets", "facets of the project", "/facets", ""),
      ask("usage", "usage by model", "/usage?group_by=", "model"),
  };
}

// Nothing when the server has no such route.
Result<std::vector<std::chrono::nanoseconds>> Ask(client::HttpClient& api, const Question& question,
                                                  std::size_t repeats, Progress& progress) {
  std::vector<std::chrono::nanoseconds> times;
  for (std::size_t i = 0; i < repeats; ++i) {
    const std::string target = question.target();
    if (target.empty()) break;
    const auto start = Clock::now();
    ASSIGN_OR_RETURN(const client::HttpAnswer answer, api.Get(target));
    times.push_back(Clock::now() - start);
    if (answer.status == 404 && question.name == "histogram") return std::vector<std::chrono::nanoseconds>();
    if (answer.status != 200)
      return Fail(ErrorCode::kUnavailable, fmt::format("GET {} was answered {}", target, answer.status));
    progress.Show(static_cast<double>(i), static_cast<double>(repeats), "questions");
  }
  std::ranges::sort(times);
  return times;
}

}  // namespace

Result<Column> MeasureQueries(const QueryOptions& options, const Target& target, Progress& progress) {
  ASSIGN_OR_RETURN(const Filled filled, Fill(options.workload, target, progress));
  Column column{.name = std::string(ToString(options.workload.dataset))};
  column.figures.push_back({"spans", "spans", 0, static_cast<double>(filled.sent.spans)});
  std::uint64_t parts = 0;
  for (const TableSize& table : filled.tables) parts += table.parts;
  column.figures.push_back({"parts", "parts", 0, static_cast<double>(parts)});
  client::HttpClient api(fmt::format("http://{}:{}", target.host, target.api_port));
  std::mt19937_64 random(options.workload.seed);
  for (const Question& question : Questions(options, random)) {
    progress.Begin(fmt::format("{}: {}", column.name, question.label));
    ASSIGN_OR_RETURN(const auto times, Ask(api, question, options.repeats, progress));
    AddQuantiles(question.name, question.label, times, column.figures);
  }
  return column;
}

}  // namespace nightjar::bench
