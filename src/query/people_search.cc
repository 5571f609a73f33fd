#include "query/people_search.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "query/relevance.h"
#include "query/score_sql.h"
#include "store/native_reader.h"
#include "store/repeated_calls.h"

namespace nightjar::query {
namespace {

// A span without an id of its own belongs to that of its trace's earliest span that has one, as in store/people_list.h.
constexpr std::string_view kSql = R"(
{with_calls}SELECT toString({key} AS sort_key), id FROM (
    SELECT *, if({column} != '', {column}, of_trace) AS id
    FROM (SELECT * FROM nightjar.spans FINAL WHERE project = {{project:String}} AND trace_id IN ({traces})) AS span
    LEFT JOIN (
        SELECT trace_id, argMin({column}, start_unix_ns) AS of_trace FROM nightjar.spans FINAL
        WHERE project = {{project:String}} AND {column} != '' AND trace_id IN ({traces}) GROUP BY trace_id) AS trace
    USING (trace_id)) AS entry{scores}
WHERE id IN ({ids}) GROUP BY id HAVING {behind} ORDER BY sort_key {direction}, id {direction} LIMIT {limit}{settings})";

}  // namespace

Result<PeoplePage> FindPeople(store::ClickHouse& clickhouse, const PeopleRequest& request,
                              const store::QueryOptions& options) {
  CHECK(request.limit > 0);
  const bool of_sessions = request.list == ListOf::kSessions;
  const std::string_view column = of_sessions ? "session_id" : "user_id";
  Condition condition = Compile(request.expression, of_sessions ? Grain::kSession : Grain::kTrace, request.window);
  const Condition in_window = Compile(Expression(), Grain::kSpan, request.window);  // has no parameter but the project
  const std::string ids = fmt::format(
      "SELECT {0} FROM nightjar.spans FINAL WHERE {0} != '' AND {1} AND {0} IN (SELECT {0} FROM nightjar.spans FINAL "
      "WHERE {0} != '' AND {2})",
      column, condition.sql, in_window.sql);
  const std::string traces =
      fmt::format("SELECT trace_id FROM nightjar.spans WHERE project = {{project:String}} AND {} IN ({})", column, ids);
  ASSIGN_OR_RETURN(const std::string key, KeyOf(request.order, request.expression, request.list, condition.params));
  std::string behind = "1";
  if (request.after) {
    condition.params.push_back({"after_key", request.after->key});
    condition.params.push_back({"after_id", request.after->id});
    behind = fmt::format("(sort_key, id) {} ({{after_key:{}}}, {{after_id:String}})",
                         request.order.ascending ? ">" : "<", request.order.sql_type());
  }
  std::string scores;
  if (request.order.score())
    scores = fmt::format(" LEFT JOIN ({}) AS scores USING (id)",
                         MeanScoresSql(request.list, fmt::format("{{{}:String}}", kSortScore)));
  const Window all{.project = request.window.project, .now = request.window.now};
  const std::string sql = fmt::format(
      kSql, fmt::arg("with_calls", request.order.sums_calls ? WithIsCall(all) : ""), fmt::arg("key", key),
      fmt::arg("column", column), fmt::arg("traces", traces), fmt::arg("scores", scores), fmt::arg("ids", ids),
      fmt::arg("behind", behind), fmt::arg("direction", request.order.ascending ? "ASC" : "DESC"),
      fmt::arg("limit", request.limit + 1),
      fmt::arg("settings", request.order.sums_calls ? std::string(store::kRepeatsSettings) : condition.settings));
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, condition.params, options));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  PeoplePage page;
  std::string last_key;
  for (const store::NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      if (page.ids.size() == request.limit) {
        page.next = Position{.key = last_key, .trace_id = {}, .span_id = {}, .id = page.ids.back()};
        return page;
      }
      last_key = block.columns.at(0).Text(row);
      page.ids.emplace_back(block.columns.at(1).Text(row));
    }
  return page;
}

}  // namespace nightjar::query
