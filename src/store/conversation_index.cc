#include "store/conversation_index.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/segment_bodies.h"
#include "store/span_decoder.h"

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

// Of a row that begins with the two ids.
SpanAddress AddressAt(const NativeBlock& block, std::size_t row) {
  return {*TraceId::FromBytes(block.columns.at(0).Text(row)),
          SpanIdFromNumber(block.columns.at(1).Fixed<std::uint64_t>(row))};
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

Result<std::vector<CallPosition>> ReadLlmSpans(ClickHouse& clickhouse, const std::string& project,
                                               const std::vector<TraceId>& trace_ids, const QueryOptions& options) {
  const std::string sql = fmt::format(
      "SELECT trace_id, span_id, start_unix_ns, duration_ns FROM (SELECT trace_id, span_id, start_unix_ns, "
      "duration_ns, kind FROM nightjar.spans WHERE project = {{project:String}} AND trace_id IN "
      "(SELECT toFixedString(unhex(arrayJoin({{ids:Array(String)}})), 16)) "
      "ORDER BY {} LIMIT 1 BY trace_id, span_id) WHERE kind = 'LLM'",
      kNewestCopyFirst);
  const std::vector<QueryParam> params = {{"project", project}, {"ids", HexArray(trace_ids), ParamForm::kLiteral}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  ASSIGN_OR_RETURN(const RepeatedCalls repeats, ReadRepeatedCalls(clickhouse, project, trace_ids, options));
  std::vector<CallPosition> calls;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const CallPosition call{.address = AddressAt(block, row),
                              .start_unix_ns = block.columns.at(2).Fixed<std::uint64_t>(row),
                              .duration_ns = block.columns.at(3).Fixed<std::int64_t>(row)};
      if (!repeats.contains(call.address)) calls.push_back(call);
    }
  std::map<TraceId, std::size_t> number_of;
  for (const TraceId& id : trace_ids) number_of.emplace(id, number_of.size());
  std::ranges::sort(calls, {}, [&](const CallPosition& call) {
    return std::tuple(number_of.at(call.address.trace_id), call.start_unix_ns,
                      static_cast<std::int64_t>(-static_cast<std::uint64_t>(call.duration_ns)), call.address.span_id);
  });
  return calls;
}

Result<void> ReadCalls(ClickHouse& clickhouse, const std::string& project, std::span<const CallPosition> calls,
                       const QueryOptions& options, const std::function<void(const model::SpanBatch&)>& take) {
  const auto [first, last] = std::ranges::minmax(calls, {}, &CallPosition::start_unix_ns);
  std::vector<std::uint64_t> span_ids;
  std::set<TraceId> traces;
  for (const CallPosition& call : calls) {
    span_ids.push_back(SpanIdNumber(call.address.span_id));
    traces.insert(call.address.trace_id);
  }
  const std::string sql = fmt::format(
      "SELECT {} FROM nightjar.spans WHERE project = {{project:String}} AND start_unix_ns BETWEEN {} AND {} AND "
      "trace_id IN (SELECT toFixedString(unhex(arrayJoin({{ids:Array(String)}})), 16)) AND span_id IN ({}) "
      "ORDER BY {} LIMIT 1 BY trace_id, span_id",
      kSpanColumns, first.start_unix_ns, last.start_unix_ns, fmt::join(span_ids, ","), kNewestCopyFirst);
  const std::vector<QueryParam> params = {{"project", project},
                                          {"ids", HexArray({traces.begin(), traces.end()}), ParamForm::kLiteral}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  ASSIGN_OR_RETURN(const std::string bodies, SelectBodies(clickhouse, blocks, options));
  std::map<SpanAddress, RowPlace> place_of;
  for (std::size_t block = 0; block < blocks.size(); ++block)
    for (std::size_t row = 0; row < blocks[block].rows; ++row)
      place_of[{*TraceId::FromBytes(blocks[block].Named("trace_id").Text(row)),
                SpanIdFromNumber(blocks[block].Named("span_id").Fixed<std::uint64_t>(row))}] = {block, row};
  std::vector<RowPlace> places;
  for (const CallPosition& call : calls)
    if (const auto found = place_of.find(call.address); found != place_of.end()) places.push_back(found->second);
  return DecodeEach(blocks, bodies, places, take);
}

}  // namespace nightjar::store
