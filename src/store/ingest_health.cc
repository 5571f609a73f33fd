#include "store/ingest_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "store/call_totals.h"
#include "store/native_reader.h"
#include "store/repeated_calls.h"

namespace nightjar::store {
namespace {

constexpr std::uint64_t kHourNs = 3'600'000'000'000;
constexpr const char* kSettings =
    " SETTINGS final = 1, do_not_merge_across_partitions_select_final = 1, max_threads = 1, max_execution_time = 25";
constexpr UnixNanos kMarginNs = 600'000'000'000;
constexpr const char* kKeyOfModels =
    "'^(gen_ai|llm|ai|openinference|traceloop|langfuse|lmnr|langsmith|mlflow|pydantic_ai|logfire|litellm|genkit|mastra|"
    "lk)[.]"
    "'";

// Bits of the column `known`: docs/formats/span_table.md.
struct Test {
  HealthFinding finding;
  const char* condition;
};

constexpr Test kSpanTests[] = {
    {HealthFinding::kImpossibleTokens, "is_call AND impossible"},
    {HealthFinding::kNoTokens, "is_call AND bitAnd(known, 7) = 0 AND status != 2"},
    {HealthFinding::kNoModel, "is_call AND model = ''"},
    {HealthFinding::kEstimatedTokens, "is_call AND bitTest(known, 9)"},
    {HealthFinding::kClockAhead, "start_unix_ns > (seq + 600000000) * 1000"},
    {HealthFinding::kEndsBeforeStart, "duration_ns < 0"},
};

constexpr Test kChildTests[] = {
    {HealthFinding::kNestedCalls,
     "c.kind = 'LLM' AND p.kind = 'LLM' AND bitAnd(c.known, 3) = 3 AND bitAnd(p.known, 3) = 3 AND "
     "c.prompt_tokens = p.prompt_tokens AND c.completion_tokens = p.completion_tokens"},
    {HealthFinding::kStartsBeforeParent, "c.start_unix_ns + 1000000000 < p.start_unix_ns"},
};

constexpr Test kTraceTests[] = {
    {HealthFinding::kMixedDialects, "dialects > 1 AND scopes > 1"},
    {HealthFinding::kNoSession, "calls > 0 AND NOT has_session"},
    {HealthFinding::kNoUser, "calls > 0 AND NOT has_user"},
    {HealthFinding::kNoRoot, "settled AND NOT has_root"},
};

// Two columns for each test: how many rows pass it, and the traces of some.
std::string ColumnsOf(std::span<const Test> tests, std::string_view trace_id) {
  std::string columns;
  for (const Test& test : tests)
    columns +=
        fmt::format(", countIf({0}), groupUniqArrayIf({1})({2}, {0})", test.condition, kHealthExamplesMax, trace_id);
  return columns;
}

std::string Hours(const IngestHealth& health) {
  return fmt::format("project = {{project:String}} AND start_unix_ns >= {} AND start_unix_ns < {}", health.from,
                     health.to);
}

// A trace to which nothing came for a minute, by the time of arrival that sequence numbers are made of. Not one that
// may have begun before the hours that are looked at.
std::string IsSettled(const IngestHealth& health) {
  return fmt::format("max(seq) + 60000000 < toUnixTimestamp64Micro(now64(6)) AND min(start_unix_ns) >= {}",
                     health.older_left_out ? health.from + kMarginNs : 0);
}

// The columns of one row, from left to right.
class RowCursor {
 public:
  explicit RowCursor(const NativeBlock& block, std::size_t row = 0) : block_(block), row_(row) {}
  std::uint64_t Number() { return Next().Fixed<std::uint64_t>(row_); }
  std::string Text() { return std::string(Next().Text(row_)); }
  std::vector<TraceId> TraceIds() {
    const NativeColumn& column = Next();
    std::vector<TraceId> ids;
    for (std::size_t i = column.begin(row_); i < column.end(row_); ++i)
      ids.push_back(*TraceId::FromBytes(column.item_column(0).Text(i)));
    std::ranges::sort(ids);
    return ids;
  }
  HealthCount Count() {
    const std::uint64_t count = Number();
    return {count, TraceIds()};
  }
  void Counts(std::span<const Test> tests, IngestHealth& health) {
    for (const Test& test : tests) health.findings[static_cast<std::size_t>(test.finding)] = Count();
  }

 private:
  const NativeColumn& Next() { return block_.columns.at(next_++); }
  const NativeBlock& block_;
  const std::size_t row_;
  std::size_t next_ = 0;
};

Result<std::vector<NativeBlock>> ReadOneRow(std::string_view bytes) {
  ASSIGN_OR_RETURN(std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered counts with no row");
  return blocks;
}

}  // namespace

Result<std::string> HealthReader::Ask(const std::string& sql, const std::string& project) const {
  const QueryParam params[] = {{"project", project}};
  return clickhouse_.Select(sql + kSettings, params, options_);
}

Result<std::optional<IngestHealth>> HealthReader::Read(const std::string& project) const {
  IngestHealth health;
  ASSIGN_OR_RETURN(const bool found, FindHours(project, health));
  if (!found) return std::optional<IngestHealth>();
  RETURN_IF_ERROR(CountSpans(project, health));
  RETURN_IF_ERROR(CountTraces(project, health));
  RETURN_IF_ERROR(CountDeclared(project, health));
  RETURN_IF_ERROR(CountRepeats(project, health));
  RETURN_IF_ERROR(ListLibraries(project, health));
  RETURN_IF_ERROR(ListKeys(project, health));
  return std::optional(std::move(health));
}

Result<bool> HealthReader::FindHours(const std::string& project, IngestHealth& health) const {
  ASSIGN_OR_RETURN(const std::string bytes,
                   Ask("SELECT intDiv(start_unix_ns, 3600000000000) AS hour, count() FROM nightjar.spans "
                       "WHERE project = {project:String} GROUP BY hour ORDER BY hour DESC LIMIT 10000",
                       project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::uint64_t rows = 0;
  for (const NativeBlock& block : blocks) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      RowCursor cursor(block, row);
      const std::uint64_t hour = cursor.Number();
      if (health.to == 0) health.to = (hour + 1) * kHourNs;
      rows += cursor.Number();
      health.older_left_out = rows > kHealthRowsMax && health.from != 0;
      if (health.older_left_out) return true;
      health.from = hour * kHourNs;
    }
  }
  return health.to != 0;
}

Result<void> HealthReader::CountSpans(const std::string& project, IngestHealth& health) const {
  const std::string sql = fmt::format(
      "SELECT count(), uniqExact(trace_id), countIf(is_call), uniqExact(name), "
      "uniqExact(replaceRegexpAll(name, '[0-9a-fA-F-]*[0-9][0-9a-fA-F-]*', '0')){} "
      "FROM (SELECT *, kind = 'LLM' AS is_call, {} AS impossible FROM nightjar.spans WHERE {})",
      ColumnsOf(kSpanTests, "trace_id"), kCountsAreImpossible, Hours(health));
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadOneRow(bytes));
  RowCursor row(blocks[0]);
  health.spans = row.Number();
  health.traces = row.Number();
  health.calls = row.Number();
  health.names = row.Number();
  const std::uint64_t names_without_ids = row.Number();
  row.Counts(kSpanTests, health);
  constexpr std::uint64_t kManyNames = 100;
  if (health.names > kManyNames && names_without_ids * 2 < health.names)
    health.findings[static_cast<std::size_t>(HealthFinding::kNamesWithIds)].count = health.names - names_without_ids;

  const std::string children_sql = fmt::format(
      "SELECT count(){0} FROM (SELECT * FROM nightjar.spans WHERE {1} AND parent_span_id != 0) AS c INNER JOIN "
      "(SELECT trace_id, span_id, start_unix_ns, kind, known, prompt_tokens, completion_tokens FROM nightjar.spans "
      "WHERE {1}) AS p ON c.trace_id = p.trace_id AND c.parent_span_id = p.span_id",
      ColumnsOf(kChildTests, "c.trace_id"), Hours(health));
  ASSIGN_OR_RETURN(const std::string child_bytes, Ask(children_sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> child_blocks, ReadOneRow(child_bytes));
  RowCursor child_row(child_blocks[0]);
  child_row.Number();
  child_row.Counts(kChildTests, health);
  return {};
}

Result<void> HealthReader::CountTraces(const std::string& project, IngestHealth& health) const {
  const std::string sql = fmt::format(
      "SELECT countIf(calls > 0), sumIf(missing, settled), groupUniqArrayIf({0})(trace_id, settled AND missing > 0){1} "
      "FROM (SELECT trace_id, countIf(kind = 'LLM') AS calls, max(session_id != '') AS has_session, "
      "max(user_id != '') AS has_user, max(parent_span_id = 0) AS has_root, {2} AS settled, "
      "uniqExactIf(dialect, dialect NOT IN ('', 'generic')) AS dialects, "
      "uniqExactIf(scope, dialect NOT IN ('', 'generic')) AS scopes, "
      "length(arrayExcept(groupUniqArrayIf(parent_span_id, parent_span_id != 0), groupArray(span_id))) AS missing "
      "FROM nightjar.spans WHERE {3} GROUP BY trace_id)",
      kHealthExamplesMax, ColumnsOf(kTraceTests, "trace_id"), IsSettled(health), Hours(health));
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadOneRow(bytes));
  RowCursor row(blocks[0]);
  health.traces_with_calls = row.Number();
  health.findings[static_cast<std::size_t>(HealthFinding::kMissingParents)] = row.Count();
  row.Counts(kTraceTests, health);
  return {};
}

// What a framework sums up on the outer span of a run, against the calls that arrived.
Result<void> HealthReader::CountDeclared(const std::string& project, IngestHealth& health) const {
  const std::string of_roots =
      fmt::format("{} AND parent_span_id = 0 AND NOT {} AND bitAnd(known, 3) = 3", Hours(health), kIsCall);
  const std::string of_calls = fmt::format("trace_id IN (SELECT trace_id FROM nightjar.spans WHERE {})", of_roots);
  const std::string sql = fmt::format(
      "SELECT count(), groupUniqArray({0})(trace_id) FROM (SELECT trace_id, any(prompt_tokens) AS prompt, "
      "any(completion_tokens) AS completion FROM nightjar.spans WHERE {1} GROUP BY trace_id HAVING count() = 1) AS "
      "root "
      "INNER JOIN (SELECT trace_id, sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion "
      "FROM nightjar.spans WHERE {2} AND {3} AND bitAnd(known, 7) != 0 AND {4} "
      "AND (trace_id, span_id) NOT IN ({5}) GROUP BY trace_id) AS calls ON root.trace_id = calls.trace_id "
      "WHERE root.prompt != calls.prompt OR root.completion != calls.completion",
      kHealthExamplesMax, of_roots, Hours(health), kIsCall, of_calls, RepeatsAmong(of_calls));
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadOneRow(bytes));
  health.findings[static_cast<std::size_t>(HealthFinding::kDeclaredTokens)] = RowCursor(blocks[0]).Count();
  return {};
}

Result<void> HealthReader::CountRepeats(const std::string& project, IngestHealth& health) const {
  const std::string sql = fmt::format(
      "SELECT count(), groupUniqArray({})(trace) FROM (SELECT any(trace_id) AS trace FROM nightjar.spans "
      "WHERE {} AND kind = 'LLM' AND response_hash != 0 GROUP BY response_hash HAVING count() > 1)",
      kHealthExamplesMax, Hours(health));
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadOneRow(bytes));
  health.findings[static_cast<std::size_t>(HealthFinding::kRepeatedResponseId)] = RowCursor(blocks[0]).Count();
  return {};
}

Result<void> HealthReader::ListLibraries(const std::string& project, IngestHealth& health) const {
  const std::string sql = fmt::format(
      "SELECT toString(dialect) AS d, JSONExtractString(scope, 'name') AS name, JSONExtractString(scope, 'version') AS "
      "version, count() AS n FROM nightjar.spans WHERE {} GROUP BY d, name, version ORDER BY n DESC, d, name, version "
      "LIMIT {}",
      Hours(health), kHealthLibrariesMax);
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  for (const NativeBlock& block : blocks) {
    for (std::size_t i = 0; i < block.rows; ++i) {
      RowCursor row(block, i);
      LibraryCount& library = health.libraries.emplace_back();
      library.dialect = row.Text();
      library.name = row.Text();
      library.version = row.Text();
      library.spans = row.Number();
    }
  }
  return {};
}

Result<void> HealthReader::ListKeys(const std::string& project, IngestHealth& health) const {
  // Each map with its values as text: what is longer than a row keeps is left out, see attrs_other.
  constexpr std::pair<const char*, const char*> kMaps[] = {
      {"attrs_str", "toString(v)"},
      {"attrs_int", "toString(v)"},
      {"attrs_num", "toString(v)"},
      {"attrs_other", "if(startsWith(v, 'j'), substring(v, 2), '')"},
  };
  std::string all;
  for (const auto& [map, text] : kMaps) {
    if (!all.empty()) all += " UNION ALL ";
    all += fmt::format(
        "SELECT replaceRegexpAll(toString(k), '[.][0-9]+', '.0') AS key, count() AS n, any({}) AS example "
        "FROM nightjar.spans ARRAY JOIN mapKeys({}) AS k, mapValues({}) AS v WHERE {} AND match(k, {}) GROUP BY key",
        text, map, map, Hours(health), kKeyOfModels);
  }
  const std::string sql =
      fmt::format("SELECT key, sum(n) AS count, max(example) FROM ({}) GROUP BY key ORDER BY count DESC, key LIMIT {}",
                  all, kHealthKeysMax);
  ASSIGN_OR_RETURN(const std::string bytes, Ask(sql, project));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  for (const NativeBlock& block : blocks) {
    for (std::size_t i = 0; i < block.rows; ++i) {
      RowCursor row(block, i);
      KeyCount& key = health.keys.emplace_back();
      key.key = row.Text();
      key.count = row.Number();
      key.example = row.Text();
    }
  }
  return {};
}

}  // namespace nightjar::store
