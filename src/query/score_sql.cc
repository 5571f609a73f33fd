#include "query/score_sql.h"

#include <fmt/format.h>

#include "store/annotations.h"

namespace nightjar::query {

std::string MeanScoresSql(ListOf list, std::string_view name) {
  const std::string scores = fmt::format("FROM ({}) WHERE name = {} AND isNotNull(score)",
                                         store::AllAnnotationsSql("project = {project:String}"), name);
  if (list == ListOf::kSpans)
    return fmt::format(
        "SELECT trace_id, span_id, avg(score) AS mean_score {} AND span_id != 0 GROUP BY trace_id, span_id", scores);
  if (list == ListOf::kTraces)
    return fmt::format("SELECT trace_id, avg(score) AS mean_score {} AND target != 'session' GROUP BY trace_id",
                       scores);
  const bool of_sessions = list == ListOf::kSessions;
  const std::string own =
      of_sessions ? fmt::format("SELECT session_id AS id, score {} AND target = 'session' UNION ALL ", scores) : "";
  return fmt::format(
      "SELECT id, avg(score) AS mean_score FROM ({}SELECT id, score FROM (SELECT trace_id, score {} AND target != "
      "'session') AS scores INNER JOIN (SELECT DISTINCT trace_id, {} AS id FROM nightjar.spans FINAL WHERE project = "
      "{{project:String}} AND id != '') AS trace USING (trace_id)) GROUP BY id",
      own, scores, of_sessions ? "session_id" : "user_id");
}

std::string RowsToSort(const SortOrder& order, ListOf list, std::string_view condition) {
  if (!order.score()) return fmt::format("nightjar.spans FINAL WHERE {}", condition);
  return fmt::format(
      "(SELECT * FROM nightjar.spans FINAL WHERE {}) AS spans LEFT JOIN ({}) AS scores USING ({}) WHERE 1", condition,
      MeanScoresSql(list, fmt::format("{{{}:String}}", kSortScore)),
      list == ListOf::kSpans ? "trace_id, span_id" : "trace_id");
}

}  // namespace nightjar::query
