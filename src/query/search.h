// Pages of traces and spans that match a query.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "query/compile.h"
#include "query/expression.h"
#include "query/sort.h"
#include "store/clickhouse.h"

namespace nightjar::query {

constexpr std::size_t kPageRowsMax = 500;

struct PageRequest {
  const Expression& expression;
  const Window& window;
  SortOrder order;
  std::size_t limit = 50;  // at most kPageRowsMax
  std::optional<Position> after;
};

struct SpanHit {
  std::string project;
  TraceId trace_id;
  SpanId span_id;
  std::optional<SpanId> parent_span_id;
  UnixNanos start_unix_ns = 0;
  std::int64_t duration_ns = 0;
  std::int32_t status = 0;  // OTLP's number
  std::string name, title, kind, status_message, service_name, model, provider, agent_name, tool_name, session_id,
      user_id, finish_reason, exception_type, exception_message, input_preview, output_preview;
  std::optional<std::uint64_t> prompt_tokens, completion_tokens, total_tokens, cache_read_tokens, first_token_ns;
  bool estimated = false;  // the tokens, by a library
  std::optional<double> cost_usd;
};

template <typename Row>
struct Page {
  std::vector<Row> rows;
  std::optional<Position> next;  // nothing: there are no more
};

struct Arrival {
  std::uint64_t seq = 0;  // the order of arrival
  SpanHit span;
};

// Thread-safe. Pages hold what is stored when they are asked for: a row whose sort key changes between two pages, as
// the duration of a growing trace does, may come twice or not at all; others come once.
class Search {
 public:
  Search(store::ClickHouse& clickhouse, store::QueryOptions options)
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Traces that match and start in the window.
  Result<Page<TraceId>> Traces(const PageRequest& request) const;
  // Spans that match and start in the window.
  Result<Page<SpanHit>> Spans(const PageRequest& request) const;

  // Copies of spans that match and have been stored with a higher number than `seq`, in that order.
  Result<std::vector<Arrival>> Arrived(const Expression& expression, const Window& window, std::uint64_t seq,
                                       std::size_t limit) const;
  // The highest number that a span of the project has; 0 without one.
  Result<std::uint64_t> LastSeq(const std::string& project) const;

 private:
  Result<UnixNanos> FirstStartOf(const PageRequest& request) const;
  Result<Page<TraceId>> TracesSince(std::optional<UnixNanos> from, const PageRequest& request) const;
  Result<Page<std::pair<TraceId, SpanId>>> SpansSince(std::optional<UnixNanos> from, const PageRequest& request) const;

  store::ClickHouse& clickhouse_;
  const store::QueryOptions options_;
};

}  // namespace nightjar::query
