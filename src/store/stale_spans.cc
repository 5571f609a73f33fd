// A stale row stays in its part until a merge drops it. So that it is not taken for work again, a window of rows leaves
// out those whose sequence number a row that is not stale has too: sequence numbers are never used twice.
#include "store/stale_spans.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/log_reader.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/segment_bodies.h"
#include "store/span_addresses.h"
#include "store/span_columns.h"
#include "store/span_decoder.h"

namespace nightjar::store {
namespace {

using Params = std::vector<QueryParam>;

constexpr std::uint64_t kHourNs = 3'600'000'000'000;
// Of one thread, so that questions and inserts have the others.
constexpr const char* kSettings = " SETTINGS max_threads = 1, max_execution_time = 120";
constexpr std::chrono::seconds kPatience{120};

// Prices change nothing but the spans that are calls with tokens (bits 0 to 5 of `known`): see pricing/span_cost.cc.
std::string IsStale(const Derivation& newest) {
  return fmt::format(
      "(rules_version < {0} OR (rules_version = {0} AND prices_version < {1} AND bitAnd(known, 63) != 0 "
      "AND kind IN ('LLM', 'EMBEDDING', 'RERANKER')))",
      newest.rules_version, newest.prices_version);
}

std::string SeqRange(const RederivationMark& mark) {
  return fmt::format("seq >= {} AND seq < {}", mark.seq_begin, mark.seq_end);
}

// Rows of a day on one side of a position, in a form from which the engine finds the range of the primary key. `beyond`
// is > or <, `last` compares the last column. Parameters have names that begin with `prefix`.
std::string SideOf(const SpanPosition& position, std::string_view beyond, std::string_view last,
                   std::string_view prefix, Params& params) {
  const auto add = [&](std::string_view name, std::string value) {
    params.push_back({fmt::format("{}{}", prefix, name), std::move(value)});
  };
  add("project", position.project);
  add("trace", position.trace_id.ToHex());
  const std::pair<std::string, std::string> columns[] = {
      {"start_unix_ns", std::to_string(position.start_unix_ns)},
      {"trace_id", fmt::format("toFixedString(unhex({{{}trace:String}}), 16)", prefix)},
      {"intDiv(start_unix_ns, 3600000000000)", std::to_string(position.start_unix_ns / kHourNs)},
      {"project", fmt::format("{{{}project:String}}", prefix)},
  };
  std::string condition = fmt::format("span_id {} {}", last, position.span_id);
  for (const auto& [column, value] : columns)
    condition = fmt::format("{0} {1}= {2} AND ({0} {1} {2} OR ({3}))", column, beyond, value, condition);
  return condition;
}

SpanPosition PositionAt(const NativeBlock& block, std::size_t row, std::uint32_t day) {
  return {.day = day,
          .project = std::string(block.columns.at(0).Text(row)),
          .trace_id = *TraceId::FromBytes(block.columns.at(1).Text(row)),
          .start_unix_ns = block.columns.at(2).Fixed<std::uint64_t>(row),
          .span_id = block.columns.at(3).Fixed<std::uint64_t>(row)};
}

QueryOptions Options(std::uint64_t bytes_max = QueryOptions().result_bytes_max) {
  return {.timeout = kPatience, .result_bytes_max = bytes_max};
}

// What may tell something of them, by project, trace and span. kResourceExhausted: too many for more than one span.
Result<std::vector<model::LogRecord>> LogsOf(ClickHouse& clickhouse, const model::SpanBatch& batch,
                                             const QueryOptions& options) {
  std::map<std::string, std::set<SpanAddress>> spans_of;
  for (const model::Span& span : batch.spans) spans_of[span.project].insert({span.trace_id, span.span_id});
  std::vector<model::LogRecord> records;
  for (const auto& [project, spans] : spans_of) {
    ASSIGN_OR_RETURN(TraceLogs logs, LogReader(clickhouse, options).ReadTelling(project, spans));
    if (!logs.complete && batch.spans.size() > 1)
      return Fail(ErrorCode::kResourceExhausted, "the spans of a chunk have too many log records");
    std::ranges::move(logs.batch.records, std::back_inserter(records));
  }
  return records;
}

}  // namespace

struct StaleSpans::Row {
  SpanPosition position;
  std::uint64_t seq = 0;
};

struct StaleSpans::RowsWanted {
  std::string condition;
  Params params;
  std::uint16_t day = 0;  // of all of them
};

struct StaleSpans::Window {
  RowsWanted rows;
  SpanPosition end;
};

Result<StaleSpans::Extent> StaleSpans::Measure(const Derivation& newest, std::uint64_t seq_begin) const {
  const std::string sql = fmt::format("SELECT countIf({}), max(seq) FROM nightjar.spans WHERE seq >= {}{}",
                                      IsStale(newest), seq_begin, kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, {}, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered a count with no row");
  const auto last_seq = blocks[0].columns.at(1).Fixed<std::uint64_t>(0);
  return Extent{.rows = blocks[0].columns.at(0).Fixed<std::uint64_t>(0), .seq_end = std::max(seq_begin, last_seq + 1)};
}

Result<std::uint64_t> StaleSpans::CountLeft(const RederivationMark& mark) const {
  Params params;
  std::string left = fmt::format("day < {}", mark.position.day);
  if (mark.position.day < SpanPosition::kBeforeAll)
    left += fmt::format(" OR (day = {} AND {})", mark.position.day, SideOf(mark.position, ">", ">", "a", params));
  const std::string sql = fmt::format("SELECT count() FROM nightjar.spans WHERE {} AND {} AND ({}){}", SeqRange(mark),
                                      IsStale(mark.derivation), left, kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, params, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered a count with no row");
  return blocks[0].columns.at(0).Fixed<std::uint64_t>(0);
}

Result<std::optional<std::uint16_t>> StaleSpans::NextDay(const RederivationMark& mark) const {
  const std::string sql = fmt::format("SELECT count(), max(day) FROM nightjar.spans WHERE day < {} AND {} AND {}{}",
                                      mark.position.day, SeqRange(mark), IsStale(mark.derivation), kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, {}, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty() || blocks[0].columns.at(0).Fixed<std::uint64_t>(0) == 0) return std::optional<std::uint16_t>();
  return std::optional(blocks[0].columns.at(1).Fixed<std::uint16_t>(0));
}

Result<std::vector<StaleSpans::Row>> StaleSpans::RowsOf(std::uint16_t day, const RederivationMark& mark,
                                                        std::size_t rows_max) const {
  Params params;
  std::string behind;
  if (mark.position.day == day) behind = " AND " + SideOf(mark.position, ">", ">", "a", params);
  const std::string sql = fmt::format(
      "SELECT project, trace_id, start_unix_ns, span_id, seq FROM nightjar.spans WHERE day = {} AND {} AND {}{} "
      "ORDER BY project, intDiv(start_unix_ns, 3600000000000), trace_id, start_unix_ns, span_id LIMIT {}{}",
      day, SeqRange(mark), IsStale(mark.derivation), behind, rows_max, kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, params, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<Row> rows;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      rows.push_back({PositionAt(block, row, day), block.columns.at(4).Fixed<std::uint64_t>(row)});
  return rows;
}

Result<std::vector<StaleSpans::Row>> StaleSpans::RowsBehind(const RederivationMark& mark, std::size_t rows_max) const {
  if (mark.position.day < SpanPosition::kBeforeAll) {
    ASSIGN_OR_RETURN(std::vector<Row> rows, RowsOf(static_cast<std::uint16_t>(mark.position.day), mark, rows_max));
    if (!rows.empty()) return rows;
  }
  ASSIGN_OR_RETURN(const std::optional<std::uint16_t> next, NextDay(mark));
  return next ? RowsOf(*next, mark, rows_max) : std::vector<Row>();
}

Result<std::optional<SpanPosition>> StaleSpans::Next(const RederivationMark& mark) const {
  ASSIGN_OR_RETURN(const std::vector<Row> rows, RowsBehind(mark, 1));
  return rows.empty() ? std::nullopt : std::optional(rows.front().position);
}

Result<std::optional<StaleChunk>> StaleSpans::Read(const RederivationMark& mark, std::size_t rows_max,
                                                   std::uint64_t bytes_max) const {
  CHECK(rows_max > 0);
  ASSIGN_OR_RETURN(const std::vector<Row> rows, RowsBehind(mark, rows_max));
  if (rows.empty()) return std::optional<StaleChunk>();
  const Window window = WindowOf(mark, rows);
  ASSIGN_OR_RETURN(StaleChunk chunk, ReadRows(window.rows, bytes_max));
  chunk.rows = rows.size();
  chunk.end = window.end;
  return std::optional(std::move(chunk));
}

StaleSpans::Window StaleSpans::WindowOf(const RederivationMark& mark, const std::vector<Row>& rows) {
  const SpanPosition& end = rows.back().position;
  Params params;
  std::string range = fmt::format("day = {} AND {}", end.day, SideOf(end, "<", "<=", "b", params));
  if (mark.position.day == end.day) range += " AND " + SideOf(mark.position, ">", ">", "a", params);
  const std::string is_stale = IsStale(mark.derivation);
  const auto [first, last] = std::ranges::minmax(rows, {}, &Row::seq);
  std::string condition = fmt::format(
      "{0} AND {1} AND {2} AND seq NOT IN (SELECT seq FROM nightjar.spans WHERE {0} AND seq >= {3} AND seq <= {4} "
      "AND NOT {2})",
      range, SeqRange(mark), is_stale, first.seq, last.seq);
  return {.rows = {std::move(condition), std::move(params), static_cast<std::uint16_t>(end.day)}, .end = end};
}

Result<std::vector<std::uint16_t>> StaleSpans::DaysOf(const std::string& project,
                                                      const std::set<SpanAddress>& spans) const {
  const SpanCondition is_one = IsOneOf(project, spans);
  const std::string sql = fmt::format("SELECT DISTINCT day FROM nightjar.spans WHERE {}{}", is_one.sql, kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, is_one.params, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<std::uint16_t> days;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) days.push_back(block.columns.at(0).Fixed<std::uint16_t>(row));
  return days;
}

Result<StaleChunk> StaleSpans::ReadNamed(const std::string& project, const std::set<SpanAddress>& spans,
                                         std::uint16_t day, std::uint64_t bytes_max) const {
  SpanCondition is_one = IsOneOf(project, spans);
  return ReadRows({fmt::format("day = {} AND {}", day, is_one.sql), std::move(is_one.params), day}, bytes_max);
}

Result<std::optional<std::uint16_t>> StaleSpans::LogDayBefore(std::uint32_t day) const {
  const std::string sql = fmt::format("SELECT count(), max(day) FROM nightjar.logs WHERE day < {}{}", day, kSettings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, {}, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty() || blocks[0].columns.at(0).Fixed<std::uint64_t>(0) == 0) return std::optional<std::uint16_t>();
  return std::optional(blocks[0].columns.at(1).Fixed<std::uint16_t>(0));
}

Result<UntoldPage> StaleSpans::Untold(const UntoldPosition& behind, std::size_t limit) const {
  const std::string days = fmt::format("day >= {} AND day <= {}", behind.day == 0 ? 0 : behind.day - 1, behind.day + 1);
  const std::string sql = fmt::format(
      "SELECT project, trace_id, span_id FROM (SELECT project, trace_id, span_id, toUInt32(uniqExact(hash)) AS records "
      "FROM nightjar.logs WHERE {0} AND {1} GROUP BY project, trace_id, span_id HAVING max(day = {2})) "
      "WHERE (toString(project), trace_id, span_id) > ({{project:String}}, "
      "toFixedString(unhex({{trace:String}}), 16), {3}) "
      "AND (project, trace_id, span_id, records) NOT IN "
      "(SELECT project, trace_id, span_id, log_records FROM nightjar.spans WHERE {0} AND log_records > 0) "
      "ORDER BY toString(project), trace_id, span_id LIMIT {4}{5}",
      days, kMayTell, behind.day, SpanIdNumber(behind.span.span_id), limit, kSettings);
  const Params params = {{"project", behind.project}, {"trace", behind.span.trace_id.ToHex()}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, params, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  UntoldPage page;
  std::size_t rows = 0;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row, ++rows) {
      const SpanAddress span{*TraceId::FromBytes(block.columns.at(1).Text(row)),
                             SpanIdFromNumber(block.columns.at(2).Fixed<std::uint64_t>(row))};
      page.next = {.day = behind.day, .project = std::string(block.columns.at(0).Text(row)), .span = span};
      page.spans[page.next->project].insert(span);
    }
  if (rows < limit) page.next.reset();
  return page;
}

Result<StaleChunk> StaleSpans::ReadRows(const RowsWanted& wanted, std::uint64_t bytes_max) const {
  const std::string spans_sql =
      fmt::format("SELECT {}, seq FROM nightjar.spans WHERE {} ORDER BY {} LIMIT 1 BY project, trace_id, span_id{}",
                  kSpanColumns, wanted.condition, kNewestCopyFirst, kSettings);
  ASSIGN_OR_RETURN(const std::string span_bytes, clickhouse_->Select(spans_sql, wanted.params, Options(bytes_max)));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(span_bytes));
  ASSIGN_OR_RETURN(const std::string segment_bytes, SelectBodies(*clickhouse_, blocks, Options(bytes_max)));
  StaleChunk chunk{.batch = {}, .logs = {}, .day = wanted.day, .seqs = {}, .segment_scopes = {}, .rows = 0, .end = {}};
  ASSIGN_OR_RETURN(chunk.batch, DecodeSpans(blocks, segment_bytes));
  ASSIGN_OR_RETURN(chunk.logs, LogsOf(*clickhouse_, chunk.batch, Options(bytes_max)));
  for (const NativeBlock& block : blocks) {
    for (std::size_t row = 0; row < block.rows; ++row) {
      chunk.seqs.push_back(block.Named("seq").Fixed<std::uint64_t>(row));
      chunk.segment_scopes.push_back(block.Named("segment_scope").Fixed<UInt128>(row));
    }
  }
  return chunk;
}

Result<void> StaleSpans::Rewrite(const RowBatch& rows, const std::vector<std::uint64_t>& seqs,
                                 std::string_view token) const {
  CHECK(!rows.spans.empty() && rows.spans.size() == seqs.size());
  std::vector<const Segment*> segments;
  for (const Segment& segment : rows.segments) segments.push_back(&segment);
  if (!segments.empty()) {
    const InsertBlock block = EncodeSegments(std::move(segments));
    RETURN_IF_ERROR(clickhouse_->Insert(block.statement, fmt::format("{}-segments", token), block.native));
  }
  std::vector<const SpanRow*> spans;
  for (const SpanRow& row : rows.spans) spans.push_back(&row);
  const InsertBlock block = EncodeSpans(spans, seqs);
  return clickhouse_->Insert(block.statement, fmt::format("{}-spans", token), block.native);
}

Result<std::optional<RederivationMark>> StaleSpans::LastMark() const {
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse_->Select("SELECT project, trace_id, start_unix_ns, span_id, rules_version, "
                                       "prices_version, seq_begin, seq_end, finished, done, day "
                                       "FROM nightjar.rederivation ORDER BY number DESC LIMIT 1",
                                       {}, Options()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return std::optional<RederivationMark>();
  const NativeBlock& block = blocks[0];
  const auto number = [&]<typename T>(std::size_t column, T) { return block.columns.at(column).Fixed<T>(0); };
  RederivationMark mark{
      .derivation = {.rules_version = number(4, std::uint32_t{}), .prices_version = number(5, std::uint32_t{})},
      .seq_begin = number(6, std::uint64_t{}),
      .seq_end = number(7, std::uint64_t{}),
      .finished = number(8, std::uint8_t{}) != 0,
      .done = number(9, std::uint64_t{}),
      .position = PositionAt(block, 0, number(10, std::uint32_t{}))};
  return std::optional(std::move(mark));
}

Result<void> StaleSpans::Keep(const RederivationMark& mark) const {
  const Params params = {{"project", mark.position.project}, {"trace", mark.position.trace_id.ToHex()}};
  // Ordered by when it was kept, also when the clock was set back.
  return clickhouse_->Execute(
      fmt::format(
          "INSERT INTO nightjar.rederivation (number, rules_version, prices_version, seq_begin, seq_end, finished, "
          "done, day, project, trace_id, start_unix_ns, span_id) "
          "SELECT (SELECT max(number) + 1 FROM nightjar.rederivation), {}, {}, {}, {}, {}, {}, {}, {{project:String}}, "
          "toFixedString(unhex({{trace:String}}), 16), {}, {}",
          mark.derivation.rules_version, mark.derivation.prices_version, mark.seq_begin, mark.seq_end,
          mark.finished ? 1 : 0, mark.done, mark.position.day, mark.position.start_unix_ns, mark.position.span_id),
      params);
}

}  // namespace nightjar::store
