// Reads stored log records back as they were sent.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/log_record.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"
#include "store/time_position.h"

namespace nightjar::store {

constexpr std::size_t kLogListLimitMax = 1'000;
// Of one trace at most this many records are read, the earliest.
constexpr std::size_t kTraceLogsMax = 10'000;
// Those of which semconv::TellsOfSpan is true.
constexpr std::string_view kMayTell =
    "span_id != 0 AND (startsWith(event_name, 'gen_ai.') OR endsWith(event_name, 'exception') "
    R"(OR (event_name = '' AND match(attributes, '"event[.]name":"([^"]*exception"|gen_ai[.])'))))";

struct LogFilter {
  std::string project;
  std::optional<TraceId> trace_id;
  std::optional<SpanId> span_id;
  std::int32_t severity_min = 0;
  UnixNanos from = 0;
  UnixNanos to = ~UnixNanos{0};  // exclusive
};

struct LogPage {
  model::LogBatch batch;
  std::optional<TimePosition> next;  // none: there are no more
};

struct TraceLogs {
  model::LogBatch batch;
  bool complete = true;
};

// Thread-safe.
class LogReader {
 public:
  // `options`: of every question that is asked.
  explicit LogReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Up to `limit` records, the latest first, before `after` when it is given. A record's time is when it happened,
  // without one when it was observed. REQUIRES: 0 < limit <= kLogListLimitMax
  Result<LogPage> Newest(const LogFilter& filter, std::size_t limit, const std::optional<TimePosition>& after) const;

  // The records of the trace, or of one span of it, each once, span by span, in the order in which they happened, those
  // of the same time in the order of arrival.
  Result<TraceLogs> ReadTrace(const std::string& project, const TraceId& trace_id,
                              const std::optional<SpanId>& span_id) const;

  // The same of spans of several traces, trace by trace; of all of them together at most kTraceLogsMax, the earliest.
  Result<TraceLogs> ReadSpans(const std::string& project, const std::set<SpanAddress>& spans) const;

  // The same, only of those that may tell something of their spans.
  Result<TraceLogs> ReadTelling(const std::string& project, const std::set<SpanAddress>& spans) const;

 private:
  struct Where;
  [[nodiscard]] Result<TraceLogs> Earliest(const Where& where) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
