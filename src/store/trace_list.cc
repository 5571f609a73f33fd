// The newest traces without reading the whole project: look back one hour from the newest span, then a day, a month,
// all. A trace whose first span lies before the window seems younger than it is; its true start is known once it is
// summarised, and it is left out unless that lies inside the window.
#include "store/trace_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"

namespace nightjar::store {
namespace {

// Bits of the column `known`: some cost, reported or computed; tokens that a library counted.
constexpr std::uint16_t kSomeCostIsKnown = 1U << 6 | 1U << 7;
constexpr std::uint16_t kTokensAreEstimated = 1U << 9;
constexpr UnixNanos kHourNs = 3'600'000'000'000;
// An hour, a day, 31 days.
constexpr UnixNanos kLookBackNs[] = {kHourNs, 24 * kHourNs, 744 * kHourNs};

bool IsNewer(const TraceSummary& a, const TraceSummary& b) {
  return a.start_unix_ns != b.start_unix_ns ? a.start_unix_ns > b.start_unix_ns : a.trace_id > b.trace_id;
}

bool IsOlder(const TraceSummary& trace, const TracePosition& than) {
  return trace.start_unix_ns != than.start_unix_ns ? trace.start_unix_ns < than.start_unix_ns
                                                   : trace.trace_id < than.trace_id;
}

// Copies of a span count once: the one that came last. Tokens and cost are summed over the spans that made a provider
// call and of which no other span tells; agents and chains often repeat the sum of their children.
constexpr std::string_view kSummarySql = R"(
SELECT
    project,
    trace_id,
    countIf(parent_span_id = 0) AS roots,
    argMin(span_id, rank) AS root_span_id,
    toString(argMin(name, rank)) AS name,
    toString(argMin(title, rank)) AS title,
    toString(argMin(kind, rank)) AS kind,
    toString(argMin(service_name, rank)) AS service_name,
    argMax(session_id, (session_id != '', -start_unix_ns)) AS session_id,
    argMax(user_id, (user_id != '', -start_unix_ns)) AS user_id,
    min(start_unix_ns) AS start,
    max(start_unix_ns + duration_ns) AS end,
    count() AS spans,
    countIf(status = 2) AS errors,
    argMin(status, rank) AS root_status,
    groupBitOrIf(known, is_call) AS known_of_calls,
    sumIf(prompt_tokens, is_call) AS prompt,
    sumIf(completion_tokens, is_call) AS completion,
    sumIf(total_tokens, is_call) AS total,
    sumIf(if(bitTest(known, 7), cost_usd, reported_cost_usd), is_call) AS cost,
    countIf(is_call AND bitAnd(known, 7) != 0 AND bitAnd(known, 192) = 0) AS unpriced_calls,
    arraySort(groupUniqArrayIf(toString(model), model != '')) AS models,
    argMin(input_preview, rank) AS input_preview,
    argMin(output_preview, rank) AS output_preview
FROM
(
    SELECT
        *,
        (parent_span_id != 0, start_unix_ns, span_id) AS rank,
        {is_call} AND (trace_id, span_id) NOT IN (
            SELECT toFixedString(unhex(repeat.1), 16), repeat.2
            FROM (SELECT arrayJoin({{repeats:Array(Tuple(String, UInt64))}}) AS repeat)) AS is_call
    FROM nightjar.spans
    WHERE project = {{project:String}} AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({{ids:Array(String)}})), 16))
    ORDER BY {newest} LIMIT 1 BY trace_id, span_id
)
GROUP BY project, trace_id)";

TraceSummary ReadSummary(const NativeBlock& block, std::size_t row) {
  std::size_t next = 0;
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
  TraceSummary trace;
  trace.project = column().Text(row);
  trace.trace_id = *TraceId::FromBytes(column().Text(row));
  const bool has_root = column().Fixed<std::uint64_t>(row) != 0;
  const auto root = column().Fixed<std::uint64_t>(row);
  if (has_root) trace.root_span_id = SpanId::FromHex(fmt::format("{:016x}", root));
  trace.name = column().Text(row);
  trace.title = column().Text(row);
  trace.kind = column().Text(row);
  trace.service_name = column().Text(row);
  trace.session_id = column().Text(row);
  trace.user_id = column().Text(row);
  trace.start_unix_ns = column().Fixed<std::uint64_t>(row);
  trace.end_unix_ns = static_cast<std::uint64_t>(column().Fixed<std::int64_t>(row));
  trace.span_count = column().Fixed<std::uint64_t>(row);
  trace.error_count = column().Fixed<std::uint64_t>(row);
  trace.root_status = column().Fixed<std::int32_t>(row);
  const auto known = column().Fixed<std::uint16_t>(row);
  const auto known_sum = [&]<typename T>(unsigned bit, std::optional<T>& sum) {
    const T value = column().Fixed<T>(row);
    if ((known >> bit & 1U) != 0) sum = value;
  };
  known_sum(0, trace.prompt_tokens);
  known_sum(1, trace.completion_tokens);
  known_sum(2, trace.total_tokens);
  trace.estimated = (known & kTokensAreEstimated) != 0;
  const double cost_usd = column().Fixed<double>(row);
  if ((known & kSomeCostIsKnown) != 0) trace.cost_usd = cost_usd;
  trace.unpriced_calls = column().Fixed<std::uint64_t>(row);
  const NativeColumn& models = column();
  for (std::size_t i = models.begin(row); i < models.end(row); ++i)
    trace.models.emplace_back(models.item_column(0).Text(i));
  trace.input_preview = column().Text(row);
  trace.output_preview = column().Text(row);
  return trace;
}

}  // namespace

Result<std::vector<TraceSummary>> TraceList::Newest(const std::string& project, std::size_t limit,
                                                    const std::optional<TracePosition>& after) const {
  CHECK(limit > 0 && limit <= kTraceListLimitMax);
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> newest, NewestStart(project, after));
  if (!newest) return std::vector<TraceSummary>();
  std::size_t candidates_max = limit + 16;
  for (std::size_t step = 0;;) {
    const bool all = step == std::size(kLookBackNs);
    const UnixNanos from = all || kLookBackNs[step] > *newest ? 0 : *newest - kLookBackNs[step];
    ASSIGN_OR_RETURN(const std::vector<TracePosition> candidates, Candidates(project, from, candidates_max, after));
    if (from != 0 && candidates.size() < limit) {  // a trace may be large: it is summarised once
      ++step;
      continue;
    }
    std::vector<TraceId> ids;
    for (const TracePosition& candidate : candidates) ids.push_back(candidate.trace_id);
    std::vector<TraceSummary> traces;
    if (!ids.empty()) {
      ASSIGN_OR_RETURN(traces, Summarize(project, ids));
    }
    std::erase_if(traces, [&](const TraceSummary& trace) {
      return trace.start_unix_ns < from || (after && !IsOlder(trace, *after));
    });
    if (traces.size() >= limit || from == 0) {
      const bool truncated = candidates.size() == candidates_max;
      if (traces.size() >= limit || !truncated) {
        std::ranges::sort(traces, IsNewer);
        if (traces.size() > limit) traces.resize(limit);
        return traces;
      }
    }
    // Not enough: more candidates of this window when there are more, else a wider one.
    if (candidates.size() == candidates_max) {
      candidates_max *= 4;
    } else {
      ++step;
    }
  }
}

Result<std::optional<UnixNanos>> TraceList::NewestStart(const std::string& project,
                                                        const std::optional<TracePosition>& after) const {
  std::vector<QueryParam> params = {{"project", project}};
  std::string before;
  if (after) {
    before = "AND start_unix_ns <= {before:UInt64}";
    params.push_back({"before", std::to_string(after->start_unix_ns)});
  }
  const std::string sql = fmt::format(
      "SELECT count(), max(start_unix_ns) FROM nightjar.spans WHERE project = {{project:String}} {}", before);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty() || blocks[0].columns.at(0).Fixed<std::uint64_t>(0) == 0) return std::optional<UnixNanos>();
  return std::optional<UnixNanos>(blocks[0].columns.at(1).Fixed<std::uint64_t>(0));
}

Result<std::vector<TracePosition>> TraceList::Candidates(const std::string& project, UnixNanos from, std::size_t limit,
                                                         const std::optional<TracePosition>& after) const {
  std::vector<QueryParam> params = {{"project", project}, {"from", std::to_string(from)}};
  std::string before;
  std::string older;
  if (after) {
    // A trace is older than `after` only if one of its spans is.
    before = "AND start_unix_ns <= {start:UInt64}";
    older = "HAVING (start, hex(trace_id)) < ({start:UInt64}, upper({trace:String}))";
    params.push_back({"start", std::to_string(after->start_unix_ns)});
    params.push_back({"trace", after->trace_id.ToHex()});
  }
  const std::string sql = fmt::format(
      "SELECT trace_id, min(start_unix_ns) AS start FROM nightjar.spans "
      "WHERE project = {{project:String}} AND start_unix_ns >= {{from:UInt64}} {} "
      "GROUP BY trace_id {} ORDER BY start DESC, trace_id DESC LIMIT {}",
      before, older, limit);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<TracePosition> positions;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      positions.push_back(
          {block.columns.at(1).Fixed<std::uint64_t>(row), *TraceId::FromBytes(block.columns.at(0).Text(row))});
  return positions;
}

Result<std::vector<TraceSummary>> TraceList::Summarize(const std::string& project,
                                                       const std::vector<TraceId>& ids) const {
  ASSIGN_OR_RETURN(const RepeatedCalls repeats, ReadRepeatedCalls(clickhouse_, project, ids, options_));
  std::string repeated;
  for (const auto& [address, teller] : repeats)
    repeated += fmt::format("{}('{}',{})", repeated.empty() ? "" : ",", address.trace_id.ToHex(),
                            SpanIdNumber(address.span_id));
  const std::vector<QueryParam> params = {{"project", project},
                                          {"ids", HexArray(ids), ParamForm::kLiteral},
                                          {"repeats", "[" + repeated + "]", ParamForm::kLiteral}};
  const std::string sql = fmt::format(kSummarySql, fmt::arg("is_call", kIsCall), fmt::arg("newest", kNewestCopyFirst));
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<TraceSummary> traces;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) traces.push_back(ReadSummary(block, row));
  for (TraceSummary& trace : traces)
    for (auto repeat = repeats.lower_bound({trace.trace_id, SpanId()});
         repeat != repeats.end() && repeat->first.trace_id == trace.trace_id; ++repeat)
      trace.repeats.insert(*repeat);
  return traces;
}

}  // namespace nightjar::store
