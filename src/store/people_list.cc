// The latest are found without reading the whole project: what was active in the hour before the last span, then in a
// day, a month, ever. Whoever was active in a window has the last span in it, so the order within it is final.
#include "store/people_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/repeated_calls.h"

namespace nightjar::store {
namespace {

constexpr UnixNanos kHourNs = 3'600'000'000'000;
// An hour, a day, 31 days.
constexpr UnixNanos kLookBackNs[] = {kHourNs, 24 * kHourNs, 744 * kHourNs};

// "['it\'s','…']", the text form of Array(String).
std::string TextArray(const std::vector<std::string>& ids) {
  std::string text = "[";
  for (const std::string& id : ids) {
    text += text.size() > 1 ? ",'" : "'";
    for (const char c : id) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += '\'';
  }
  return text + "]";
}

// Calls are compared with those of the same traces, and with those of any trace that have the response id of one.
constexpr std::string_view kSummarySql = R"(
WITH traces AS (
    SELECT DISTINCT trace_id FROM nightjar.spans
    WHERE project = {{project:String}} AND {key} IN {{ids:Array(String)}})
SELECT id, min(start_unix_ns), max(start_unix_ns), uniqExact(trace_id), count(), countIf(status = 2), {totals},
    groupUniqArrayIf({others_max})({other}, {other} != ''), uniqExactIf({other}, {other} != ''),
    argMax(trace_id, start_unix_ns),
    argMax(input_preview, (input_preview != '', parent_span_id = 0, start_unix_ns))
FROM (
    SELECT *, {is_call} AND (trace_id, span_id) NOT IN ({repeats}) AS is_call,
        if({key} != '', {key}, of_trace) AS id
    FROM (
        SELECT * FROM nightjar.spans
        WHERE project = {{project:String}} AND trace_id IN traces
        ORDER BY {newest} LIMIT 1 BY trace_id, span_id) AS span
    LEFT JOIN (
        SELECT trace_id, argMin({key}, start_unix_ns) AS of_trace FROM nightjar.spans
        WHERE project = {{project:String}} AND {key} != '' AND trace_id IN traces
        GROUP BY trace_id) AS trace USING (trace_id))
WHERE id IN {{ids:Array(String)}}
GROUP BY id{settings})";

std::string_view ColumnOf(PeopleKey key) { return key == PeopleKey::kSession ? "session_id" : "user_id"; }

PeopleSummary ReadSummary(const NativeBlock& block, std::size_t row) {
  std::size_t next = 0;
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
  PeopleSummary out;
  out.id = column().Text(row);
  out.first_unix_ns = column().Fixed<std::uint64_t>(row);
  out.last_unix_ns = column().Fixed<std::uint64_t>(row);
  out.trace_count = column().Fixed<std::uint64_t>(row);
  out.span_count = column().Fixed<std::uint64_t>(row);
  out.error_count = column().Fixed<std::uint64_t>(row);
  out.totals = ReadCallTotals(block, row, next);
  const NativeColumn& others = column();
  for (std::size_t i = others.begin(row); i < others.end(row); ++i)
    out.others.emplace_back(others.item_column(0).Text(i));
  std::ranges::sort(out.others);
  out.other_count = column().Fixed<std::uint64_t>(row);
  out.last_trace_id = *TraceId::FromBytes(column().Text(row));
  out.last_input_preview = column().Text(row);
  return out;
}

}  // namespace

struct PeopleList::Question {
  const std::string& project;
  std::string_view key;  // the column
  std::size_t limit;
  const std::optional<PeoplePosition>& after;

  // The parameters of the page, and those that are added.
  [[nodiscard]] std::vector<QueryParam> Params(std::vector<QueryParam> more = {}) const {
    more.push_back({"project", project});
    if (after) {
      more.push_back({"last", std::to_string(after->last_unix_ns)});
      more.push_back({"after", after->id});
    }
    return more;
  }
};

Result<std::vector<PeopleSummary>> PeopleList::Latest(const std::string& project, PeopleKey key, std::size_t limit,
                                                      const std::optional<PeoplePosition>& after) const {
  CHECK(limit > 0 && limit <= kPeopleListLimitMax);
  const Question question{project, ColumnOf(key), limit, after};
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> last, LastStart(question));
  if (!last) return std::vector<PeopleSummary>();
  for (std::size_t step = 0;; ++step) {
    const bool all = step == std::size(kLookBackNs);
    const UnixNanos from = all || kLookBackNs[step] > *last ? 0 : *last - kLookBackNs[step];
    ASSIGN_OR_RETURN(const std::vector<PeoplePosition> found, Candidates(question, from));
    if (found.size() < limit && from != 0) continue;
    std::vector<std::string> ids;
    for (const PeoplePosition& position : found) ids.push_back(position.id);
    ASSIGN_OR_RETURN(std::vector<PeopleSummary> people, Summarize(project, key, ids));
    // The order of the page is by what was found, though more may have come since.
    for (PeopleSummary& summary : people)
      summary.last_unix_ns = std::ranges::find(found, summary.id, &PeoplePosition::id)->last_unix_ns;
    return people;
  }
}

Result<std::optional<UnixNanos>> PeopleList::LastStart(const Question& question) const {
  if (question.after) return std::optional(question.after->last_unix_ns);
  const std::string sql = fmt::format(
      "SELECT count(), max(start_unix_ns) FROM nightjar.spans WHERE project = {{project:String}} AND {} != ''",
      question.key);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, question.Params(), options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty() || blocks[0].columns.at(0).Fixed<std::uint64_t>(0) == 0) return std::optional<UnixNanos>();
  return std::optional(blocks[0].columns.at(1).Fixed<std::uint64_t>(0));
}

Result<std::vector<PeoplePosition>> PeopleList::Candidates(const Question& question, UnixNanos from) const {
  const std::string sql = fmt::format(
      "SELECT {0}, max(start_unix_ns) AS last FROM nightjar.spans "
      "WHERE project = {{project:String}} AND {0} != '' AND start_unix_ns >= {{from:UInt64}} GROUP BY {0} {1} "
      "ORDER BY last DESC, {0} DESC LIMIT {2}",
      question.key,
      question.after ? fmt::format("HAVING (last, {}) < ({{last:UInt64}}, {{after:String}})", question.key) : "",
      question.limit);
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse_.Select(sql, question.Params({{"from", std::to_string(from)}}), options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<PeoplePosition> positions;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      positions.push_back({block.columns.at(1).Fixed<std::uint64_t>(row), std::string(block.columns.at(0).Text(row))});
  return positions;
}

Result<std::vector<PeopleSummary>> PeopleList::Summarize(const std::string& project, PeopleKey key,
                                                         const std::vector<std::string>& ids) const {
  if (ids.empty()) return std::vector<PeopleSummary>();
  const std::string_view other = ColumnOf(key == PeopleKey::kSession ? PeopleKey::kUser : PeopleKey::kSession);
  const std::string same_id = fmt::format(
      "trace_id IN traces OR (response_hash != 0 AND response_hash IN (SELECT response_hash FROM nightjar.spans "
      "WHERE project = {{project:String}} AND {} AND trace_id IN traces))",
      kIsCall);
  const std::string sql = fmt::format(kSummarySql, fmt::arg("key", ColumnOf(key)), fmt::arg("other", other),
                                      fmt::arg("totals", CallTotalsSql("is_call")), fmt::arg("others_max", kOthersMax),
                                      fmt::arg("is_call", kIsCall), fmt::arg("repeats", RepeatsAmong(same_id)),
                                      fmt::arg("newest", kNewestCopyFirst), fmt::arg("settings", kRepeatsSettings));
  const std::vector<QueryParam> params = {{"project", project}, {"ids", TextArray(ids), ParamForm::kLiteral}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::map<std::string, PeopleSummary> summaries;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      PeopleSummary summary = ReadSummary(block, row);
      summaries.emplace(summary.id, std::move(summary));
    }
  // What is erased meanwhile has no summary.
  std::vector<PeopleSummary> people;
  for (const std::string& id : ids)
    if (const auto summary = summaries.find(id); summary != summaries.end())
      people.push_back(std::move(summary->second));
  return people;
}

}  // namespace nightjar::store
