#include "store/usage_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/repeated_calls.h"

namespace nightjar::store {
namespace {

// Of a row `call` of nightjar.spans with `trace`, what other spans of its trace say.
std::string_view GroupSql(UsageKey key) {
  switch (key) {
    case UsageKey::kModel: return "toString(model)";
    case UsageKey::kProvider: return "toString(provider)";
    case UsageKey::kUser: return "if(user_id != '', user_id, trace_user_id)";
    case UsageKey::kSession: return "if(session_id != '', session_id, trace_session_id)";
    case UsageKey::kTool: return "toString(tool_name)";
    case UsageKey::kPrompt: return "toString(prompt_name)";
    case UsageKey::kPromptVersion: return "toString(prompt_version)";
    case UsageKey::kService: return "toString(service_name)";
    case UsageKey::kDay: return "toString(addDays(toDate32('1970-01-01'), intDiv(start_unix_ns, 86400000000000)))";
  }
  return "";
}

// Totals are columns 3 and following.
std::string_view OrderSql(UsageOrder order) {
  switch (order) {
    case UsageOrder::kCalls: return "calls DESC, ";
    case UsageOrder::kErrors: return "errors DESC, ";
    case UsageOrder::kTokens: return "sum(total_tokens) DESC, ";
    case UsageOrder::kCost: return "sum(if(bitTest(known, 7), cost_usd, reported_cost_usd)) DESC, ";
    case UsageOrder::kLatency: return "latency[2] DESC, ";
    case UsageOrder::kGroup: return "";
  }
  return "";
}

constexpr std::string_view kUsageSql = R"(
SELECT {groups}, {totals}, count() AS calls, countIf(status = 2) AS errors,
    quantilesIf(0.5, 0.95, 0.99)(duration_ns, duration_ns >= 0) AS latency, countIf(duration_ns >= 0),
    count() OVER () AS group_count
FROM (
    SELECT * FROM nightjar.spans FINAL
    WHERE project = {{project:String}} AND {what}
        AND start_unix_ns >= {{from:UInt64}} AND start_unix_ns < {{to:UInt64}}
    ORDER BY {newest} LIMIT 1 BY trace_id, span_id) AS call
{traces}
{but}
GROUP BY {keys}
ORDER BY {order}{keys}
LIMIT {limit}{settings})";

// The earliest span of a trace that names one names its user and session. A trace that began more than a day before the
// range is not looked at whole.
constexpr std::string_view kTracesSql = R"(
LEFT JOIN (
    SELECT trace_id, argMinIf(user_id, start_unix_ns, user_id != '') AS trace_user_id,
        argMinIf(session_id, start_unix_ns, session_id != '') AS trace_session_id
    FROM nightjar.spans
    WHERE project = {project:String} AND (user_id != '' OR session_id != '')
        AND start_unix_ns >= {from:UInt64} - least({from:UInt64}, 86400000000000)
        AND start_unix_ns < {to:UInt64} + least(bitNot({to:UInt64}), 86400000000000)
    GROUP BY trace_id) AS trace USING (trace_id))";

UsageRow ReadRow(const NativeBlock& block, std::size_t row, std::size_t keys) {
  UsageRow out;
  std::size_t next = 0;
  while (next < keys) out.group.emplace_back(block.columns.at(next++).Text(row));
  out.totals = ReadCallTotals(block, row, next);
  out.totals.calls = block.columns.at(next++).Fixed<std::uint64_t>(row);
  out.errors = block.columns.at(next++).Fixed<std::uint64_t>(row);
  const NativeColumn& latency = block.columns.at(next++);
  if (block.columns.at(next++).Fixed<std::uint64_t>(row) != 0) {
    out.latency_ns.emplace();
    for (std::size_t i = 0; i < out.latency_ns->size(); ++i)
      (*out.latency_ns)[i] = latency.item_column(0).Fixed<double>(latency.begin(row) + i);
  }
  return out;
}

}  // namespace

Result<UsageTable> UsageReader::Read(const std::string& project, const UsageQuery& query) const {
  CHECK(!query.group_by.empty() && query.limit > 0 && query.limit <= kUsageLimitMax);
  const auto has = [&](UsageKey key) { return std::ranges::find(query.group_by, key) != query.group_by.end(); };
  const bool tools = has(UsageKey::kTool);
  std::string groups, keys;
  for (std::size_t i = 0; i < query.group_by.size(); ++i) {
    groups += fmt::format("{}{} AS group_{}", i == 0 ? "" : ", ", GroupSql(query.group_by[i]), i);
    keys += fmt::format("{}group_{}", i == 0 ? "" : ", ", i);
  }
  const std::string but =
      fmt::format("WHERE (trace_id, span_id) NOT IN ({})", RepeatsAmong(NearRange("{from:UInt64}", "{to:UInt64}")));
  const std::string sql = fmt::format(
      kUsageSql, fmt::arg("groups", groups), fmt::arg("totals", CallTotalsSql(tools ? "0" : "1")),
      fmt::arg("what", tools ? "kind = 'TOOL'" : kIsCall), fmt::arg("newest", kNewestCopyFirst),
      fmt::arg("traces", has(UsageKey::kUser) || has(UsageKey::kSession) ? kTracesSql : ""),
      fmt::arg("but", tools ? std::string() : but), fmt::arg("keys", keys), fmt::arg("order", OrderSql(query.order)),
      fmt::arg("limit", query.limit), fmt::arg("settings", kRepeatsSettings));
  const std::vector<QueryParam> params = {
      {"project", project}, {"from", std::to_string(query.from_unix_ns)}, {"to", std::to_string(query.to_unix_ns)}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  UsageTable table;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      table.rows.push_back(ReadRow(block, row, query.group_by.size()));
      table.group_count = block.columns.back().Fixed<std::uint64_t>(row);
    }
  return table;
}

}  // namespace nightjar::store
