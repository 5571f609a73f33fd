#include "store/instructed_calls.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "store/native_reader.h"
#include "store/newest_copy.h"

namespace nightjar::store {
namespace {

enum What : std::uint8_t { kOther, kLlm, kTool, kAgent, kInstructedAgent };

struct Standing {
  SpanAddress parent;
  std::uint8_t what = kOther;
};
using Trees = std::map<SpanAddress, Standing>;

constexpr int kLevelsMax = 64;
constexpr const char* kSql = R"(
SELECT trace_id, span_id, parent_span_id,
       toUInt8(multiIf(kind = 'LLM', 1, kind = 'TOOL', 2, kind != 'AGENT', 0, {instructed}, 4, 3)) AS what
FROM nightjar.spans
WHERE project = {{project:String}} AND trace_id IN (
  SELECT trace_id FROM nightjar.spans
  WHERE project = {{project:String}} AND kind = 'AGENT' AND {instructed}
    AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16)))
ORDER BY {newest} LIMIT 1 BY project, trace_id, span_id)";
constexpr const char* kIsInstructed =
    "(mapContains(attrs_str, 'gen_ai.system_instructions') OR mapContains(attrs_other, 'gen_ai.system_instructions'))";

std::optional<SpanAddress> AgentAbove(const Trees& trees, const Standing& call) {
  SpanAddress next = call.parent;
  for (int level = 0; level < kLevelsMax; ++level) {
    const auto found = trees.find(next);
    if (found == trees.end() || found->second.what == kTool || found->second.what == kAgent) return std::nullopt;
    if (found->second.what == kInstructedAgent) return next;
    next = found->second.parent;
  }
  return std::nullopt;
}

}  // namespace

Result<std::map<SpanAddress, SpanAddress>> ReadInstructedCalls(ClickHouse& clickhouse, const std::string& project,
                                                               const std::vector<TraceId>& trace_ids,
                                                               const QueryOptions& options) {
  const std::string sql =
      fmt::format(kSql, fmt::arg("instructed", kIsInstructed), fmt::arg("newest", kNewestCopyFirst));
  const std::vector<QueryParam> params = {{"project", project}, {"traces", HexArray(trace_ids), ParamForm::kLiteral}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  Trees trees;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const TraceId trace = *TraceId::FromBytes(block.columns.at(0).Text(row));
      const auto id = [&](std::size_t column) {
        return SpanAddress{trace, SpanIdFromNumber(block.columns.at(column).Fixed<std::uint64_t>(row))};
      };
      trees[id(1)] = {id(2), block.columns.at(3).Fixed<std::uint8_t>(row)};
    }
  std::map<SpanAddress, SpanAddress> agents;
  for (const auto& [address, standing] : trees)
    if (standing.what == kLlm)
      if (const auto agent = AgentAbove(trees, standing)) agents.emplace(address, *agent);
  return agents;
}

}  // namespace nightjar::store
