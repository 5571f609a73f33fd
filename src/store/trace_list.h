// Lists of traces with their aggregates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"
#include "store/repeated_calls.h"

namespace nightjar::store {

constexpr std::size_t kTraceListLimitMax = 500;

struct TraceSummary {
  std::string project;
  TraceId trace_id;
  std::optional<SpanId> root_span_id;  // none: the root has not arrived; the earliest span lends its name
  std::string name;
  std::string title;  // as LlmView has it
  std::string kind;
  std::string service_name;
  std::string session_id;
  std::string user_id;
  UnixNanos start_unix_ns = 0;
  UnixNanos end_unix_ns = 0;
  std::uint64_t span_count = 0;
  std::uint64_t error_count = 0;
  std::int32_t root_status = 0;  // OTLP's number
  std::optional<std::uint64_t> prompt_tokens, completion_tokens, total_tokens;
  std::optional<double> cost_usd;    // computed where there was a price, else as reported
  std::uint64_t unpriced_calls = 0;  // with tokens, but neither
  bool estimated = false;            // of some call a library counted the tokens itself
  std::vector<std::string> models;
  std::string input_preview;
  std::string output_preview;
  RepeatedCalls repeats;  // its spans that repeat a call; tokens and cost are without them
};

// Where a page ends: the trace it ended with. Later pages hold older traces only, whatever arrives meanwhile.
struct TracePosition {
  UnixNanos start_unix_ns = 0;
  TraceId trace_id;
};

// Thread-safe.
class TraceList {
 public:
  // `options`: of every question that is asked.
  explicit TraceList(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Up to `limit` traces, newest start first, older than `after` when it is given.
  // REQUIRES: 0 < limit <= kTraceListLimitMax
  Result<std::vector<TraceSummary>> Newest(const std::string& project, std::size_t limit,
                                           const std::optional<TracePosition>& after) const;

  // The summary of each of these traces that exists, in no order.
  Result<std::vector<TraceSummary>> Summarize(const std::string& project, const std::vector<TraceId>& ids) const;

 private:
  Result<std::vector<TracePosition>> Candidates(const std::string& project, UnixNanos from, std::size_t limit,
                                                const std::optional<TracePosition>& after) const;
  Result<std::optional<UnixNanos>> NewestStart(const std::string& project,
                                               const std::optional<TracePosition>& after) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
