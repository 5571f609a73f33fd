#include "store/conversation_index.h"

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"

#include <fmt/format.h>

namespace nightjar::store {
namespace {

Result<std::vector<TraceId>> ReadTraceIds(ClickHouse& clickhouse, const std::string& sql,
                                          const std::vector<QueryParam>& params, const QueryOptions& options) {
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<TraceId> traces;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      traces.push_back(*TraceId::FromBytes(block.columns.at(0).Text(row)));
  return traces;
}

}  // namespace

Result<std::vector<TraceId>> ReadTracesOfSession(ClickHouse& clickhouse, const std::string& project,
                                                 const std::string& session_id, std::size_t limit,
                                                 const QueryOptions& options) {
  const std::string sql = fmt::format(
      "SELECT trace_id FROM nightjar.spans WHERE project = {{project:String}} AND session_id = {{session:String}} "
      "GROUP BY trace_id ORDER BY min(start_unix_ns), trace_id LIMIT {}",
      limit);
  return ReadTraceIds(clickhouse, sql, {{"project", project}, {"session", session_id}}, options);
}

Result<std::vector<TraceId>> ReadTracesWithCalls(ClickHouse& clickhouse, const std::string& project, StartRange range,
                                                 std::size_t limit, const QueryOptions& options) {
  const std::string sql = fmt::format(
      "SELECT trace_id FROM nightjar.spans WHERE project = {{project:String}} AND kind = 'LLM' "
      "AND start_unix_ns >= {} AND start_unix_ns < {} GROUP BY trace_id ORDER BY max(start_unix_ns) DESC, trace_id "
      "LIMIT {}",
      range.from, range.to, limit);
  return ReadTraceIds(clickhouse, sql, {{"project", project}}, options);
}

Result<std::set<SpanAddress>> ReadLlmSpans(ClickHouse& clickhouse, const std::string& project,
                                           const std::vector<TraceId>& trace_ids, const QueryOptions& options) {
  const std::string sql = fmt::format(
      "SELECT trace_id, span_id FROM (SELECT trace_id, span_id, kind FROM nightjar.spans WHERE "
      "project = {{project:String}} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{ids:Array(String)}})), "
      "16)) "
      "ORDER BY {} LIMIT 1 BY trace_id, span_id) WHERE kind = 'LLM'",
      kNewestCopyFirst);
  const std::vector<QueryParam> params = {{"project", project}, {"ids", HexArray(trace_ids), ParamForm::kLiteral}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  ASSIGN_OR_RETURN(const RepeatedCalls repeats, ReadRepeatedCalls(clickhouse, project, trace_ids, options));
  std::set<SpanAddress> spans;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const SpanAddress span{*TraceId::FromBytes(block.columns.at(0).Text(row)),
                             SpanIdFromNumber(block.columns.at(1).Fixed<std::uint64_t>(row))};
      if (!repeats.contains(span)) spans.insert(span);
    }
  return spans;
}

}  // namespace nightjar::store
