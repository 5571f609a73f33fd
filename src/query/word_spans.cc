#include "query/word_spans.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "query/compile.h"
#include "store/id_columns.h"
#include "store/native_reader.h"

namespace nightjar::query {
namespace {

void AddWords(const Expression& expression, std::vector<std::string>& words) {
  if (expression.kind == Expression::Kind::kNot) return;
  if (expression.kind == Expression::Kind::kText && std::ranges::find(words, expression.text) == words.end())
    words.push_back(expression.text);
  for (const Expression& child : expression.children) AddWords(child, words);
}

}  // namespace

std::vector<std::string> WordsOf(const Expression& expression) {
  std::vector<std::string> words;
  AddWords(expression, words);
  return words;
}

Result<std::vector<store::CallPosition>> SpansWithWords(store::ClickHouse& clickhouse, const WordSearch& search,
                                                        const store::QueryOptions& options) {
  CHECK(!search.words.empty() && !search.traces.empty());
  Expression any{.kind = Expression::Kind::kOr};
  for (const std::string& word : search.words) any.children.push_back({.kind = Expression::Kind::kText, .text = word});
  const Condition condition = Compile(any, Grain::kSpan, {.project = search.project, .traces = search.traces});
  const std::string sql = fmt::format(
      "SELECT trace_id, span_id, start_unix_ns, duration_ns FROM nightjar.spans FINAL WHERE {} "
      "ORDER BY trace_id, kind != 'LLM', start_unix_ns, span_id LIMIT {} BY trace_id",
      condition.sql, search.per_trace);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, condition.params, options));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<store::CallPosition> spans;
  for (const store::NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      spans.push_back({.address = {*TraceId::FromBytes(block.columns.at(0).Text(row)),
                                   store::SpanIdFromNumber(block.columns.at(1).Fixed<std::uint64_t>(row))},
                       .start_unix_ns = block.columns.at(2).Fixed<std::uint64_t>(row),
                       .duration_ns = block.columns.at(3).Fixed<std::int64_t>(row)});
  return spans;
}

Result<std::vector<std::pair<TraceId, std::string>>> TracesOfPeople(store::ClickHouse& clickhouse,
                                                                    const std::string& project, ListOf list,
                                                                    const std::vector<std::string>& ids,
                                                                    const store::QueryOptions& options) {
  std::vector<store::QueryParam> params = {{"project", project}};
  std::string names;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    params.push_back({fmt::format("id{}", i), ids[i]});
    names += fmt::format("{}{{id{}:String}}", names.empty() ? "" : ", ", i);
  }
  const std::string sql = fmt::format(
      "SELECT trace_id, {0} FROM nightjar.spans WHERE project = {{project:String}} AND {0} IN ({1}) GROUP BY trace_id, "
      "{0} ORDER BY max(start_unix_ns) DESC, trace_id LIMIT {2}",
      list == ListOf::kSessions ? "session_id" : "user_id", names, kTracesOfPeopleMax);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<std::pair<TraceId, std::string>> traces;
  for (const store::NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      traces.emplace_back(*TraceId::FromBytes(block.columns.at(0).Text(row)), block.columns.at(1).Text(row));
  return traces;
}

}  // namespace nightjar::query
