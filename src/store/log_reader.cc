#include "store/log_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "model/value_json.h"
#include "store/id_columns.h"
#include "store/log_row.h"
#include "store/native_reader.h"
#include "store/origin_text.h"
#include "store/span_addresses.h"

namespace nightjar::store {
namespace {

// Read by position, below.
constexpr const char* kColumns =
    "project, trace_id, span_id, time_unix_ns, observed_time_unix_ns, severity_number, severity_text, event_name, "
    "body, "
    "attributes, dropped_attributes, flags, resource, scope, hash";
constexpr std::size_t kHashColumn = 14;

SpanAddress AddressOf(const model::LogRecord& record) { return {record.trace_id, record.span_id}; }

Result<model::Value> ParseValue(std::string_view text) {
  ASSIGN_OR_RETURN(const json::value parsed, ParseJson(text));
  return model::FromJsonValue(parsed);
}

Result<model::LogBatch> ReadRecords(const std::vector<NativeBlock>& blocks) {
  model::LogBatch batch;
  OriginPool<model::Resource> resources(ParseResource, batch.resources);
  OriginPool<model::Scope> scopes(ParseScope, batch.scopes);
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      std::size_t next = 0;
      const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
      model::LogRecord& record = batch.records.emplace_back();
      record.project = column().Text(row);
      record.trace_id = *TraceId::FromBytes(column().Text(row));
      record.span_id = SpanIdFromNumber(column().Fixed<std::uint64_t>(row));
      record.time_unix_ns = column().Fixed<std::uint64_t>(row);
      record.observed_time_unix_ns = column().Fixed<std::uint64_t>(row);
      record.severity_number = column().Fixed<std::int32_t>(row);
      record.severity_text = column().Text(row);
      record.event_name = column().Text(row);
      ASSIGN_OR_RETURN(record.body, ParseValue(column().Text(row)));
      ASSIGN_OR_RETURN(record.attributes, ParseAttributes(column().Text(row)));
      record.dropped_attributes = column().Fixed<std::uint32_t>(row);
      record.flags = column().Fixed<std::uint32_t>(row);
      ASSIGN_OR_RETURN(record.resource, resources.IndexOf(column().Text(row)));
      ASSIGN_OR_RETURN(record.scope, scopes.IndexOf(column().Text(row)));
    }
  return batch;
}

}  // namespace

struct LogReader::Where {
  std::string condition = "project = {project:String}";
  std::vector<QueryParam> params;

  void AddTrace(const TraceId& id) {
    condition += " AND trace_id = toFixedString(unhex({trace:String}), 16)";
    params.push_back({"trace", id.ToHex()});
  }
  void AddSpan(const SpanId& id) {
    condition += " AND span_id = {span:UInt64}";
    params.push_back({"span", std::to_string(SpanIdNumber(id))});
  }
  void Add(std::string_view test, std::string name, std::string value) {
    condition += " AND ";
    condition += test;
    params.push_back({std::move(name), std::move(value)});
  }

  static Where Of(const std::string& project, const std::set<SpanAddress>& spans);

  // What a list asks for.
  static Where Of(const LogFilter& filter, const std::optional<TimePosition>& after) {
    Where where{.params = {{"project", filter.project}}};
    if (filter.trace_id) where.AddTrace(*filter.trace_id);
    if (filter.span_id) where.AddSpan(*filter.span_id);
    if (filter.severity_min > 0)
      where.Add("severity_number >= {severity:Int32}", "severity", std::to_string(filter.severity_min));
    if (filter.from > 0) where.Add("at_unix_ns >= {from:UInt64}", "from", std::to_string(filter.from));
    if (filter.to != ~UnixNanos{0}) where.Add("at_unix_ns < {to:UInt64}", "to", std::to_string(filter.to));
    if (after) {
      where.Add("at_unix_ns <= {at:UInt64}", "at", std::to_string(after->time_unix_ns));
      where.Add("(at_unix_ns, hash) < ({at:UInt64}, bitShiftLeft(toUInt128({high:UInt64}), 64) + {low:UInt64})", "high",
                std::to_string(after->hash.high));
      where.params.push_back({"low", std::to_string(after->hash.low)});
    }
    return where;
  }
};

// Copies of a record that was sent again are equal, so that any of them will do.
Result<LogPage> LogReader::Newest(const LogFilter& filter, std::size_t limit,
                                  const std::optional<TimePosition>& after) const {
  CHECK(limit > 0 && limit <= kLogListLimitMax);
  const Where where = Where::Of(filter, after);
  const std::string sql = fmt::format(
      "SELECT {} FROM nightjar.logs WHERE {} ORDER BY at_unix_ns DESC, hash DESC LIMIT 1 BY at_unix_ns, hash LIMIT {}",
      kColumns, where.condition, limit + 1);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, where.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  LogPage page;
  ASSIGN_OR_RETURN(page.batch, ReadRecords(blocks));
  std::vector<model::LogRecord>& records = page.batch.records;
  if (records.size() <= limit) return page;
  records.resize(limit);
  std::size_t row = limit - 1;
  auto block = blocks.begin();
  for (; row >= block->rows; ++block) row -= block->rows;
  page.next = {HappenedAt(records.back().time_unix_ns, records.back().observed_time_unix_ns),
               block->columns.at(kHashColumn).Fixed<UInt128>(row)};
  return page;
}

Result<TraceLogs> LogReader::ReadTrace(const std::string& project, const TraceId& trace_id,
                                       const std::optional<SpanId>& span_id) const {
  Where where{.params = {{"project", project}}};
  where.AddTrace(trace_id);
  if (span_id) where.AddSpan(*span_id);
  return Earliest(where);
}

LogReader::Where LogReader::Where::Of(const std::string& project, const std::set<SpanAddress>& spans) {
  SpanCondition is_one = IsOneOf(project, spans);
  return {std::move(is_one.sql), std::move(is_one.params)};
}

Result<TraceLogs> LogReader::ReadSpans(const std::string& project, const std::set<SpanAddress>& spans) const {
  return Earliest(Where::Of(project, spans));
}

Result<TraceLogs> LogReader::ReadTelling(const std::string& project, const std::set<SpanAddress>& spans) const {
  Where where = Where::Of(project, spans);
  where.condition += fmt::format(" AND {}", kMayTell);
  return Earliest(where);
}

Result<TraceLogs> LogReader::Earliest(const Where& where) const {
  const std::string sql =
      fmt::format("SELECT {} FROM nightjar.logs WHERE {} ORDER BY at_unix_ns, seq LIMIT 1 BY at_unix_ns, hash LIMIT {}",
                  kColumns, where.condition, kTraceLogsMax + 1);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, where.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  TraceLogs logs;
  ASSIGN_OR_RETURN(logs.batch, ReadRecords(blocks));
  std::vector<model::LogRecord>& records = logs.batch.records;
  logs.complete = records.size() <= kTraceLogsMax;
  if (!logs.complete) records.pop_back();
  std::ranges::stable_sort(records, {}, AddressOf);
  return logs;
}

}  // namespace nightjar::store
