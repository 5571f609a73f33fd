// Reads stored spans back as they were sent: one, or those of a trace some at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/span.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"

namespace nightjar::store {

// Where a span stands in its trace.
struct SpanPosition {
  UnixNanos start_unix_ns = 0;
  std::int64_t duration_ns = 0;
  std::uint64_t span_id = 0;  // as its number
};

struct TraceIndex {
  std::string project;
  TraceId trace_id;
  std::uint64_t seq_max = 0;  // what came later is not meant
  // By start; a parent that starts with its child comes first, because it is longer. More than 2,000 that start
  // together are in the order of their ids.
  std::vector<SpanPosition> spans;
};

// Thread-safe.
class SpanReader {
 public:
  // `options`: of every question that is asked.
  explicit SpanReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Which spans the trace has, each once (of copies the one that came last). A trace id may occur in several projects:
  // without one it is the project with most of the spans. No spans when nothing is known, which is not an error: they
  // may still be on their way.
  Result<TraceIndex> IndexTrace(const std::optional<std::string>& project, const TraceId& trace_id) const;

  // The spans trace.spans[begin, end), in that order. One that was sent again with other times since may be missing.
  // REQUIRES: begin < end <= trace.spans.size()
  Result<model::SpanBatch> ReadSpans(const TraceIndex& trace, std::size_t begin, std::size_t end) const;

  // Those of these spans of the project that are there, in no order.
  Result<model::SpanBatch> ReadSpans(const std::string& project, const std::set<SpanAddress>& spans) const;

  // The span alone, or an empty batch.
  Result<model::SpanBatch> ReadSpan(const std::string& project, const TraceId& trace_id, const SpanId& span_id) const;

 private:
  struct Where;
  // In no order.
  Result<model::SpanBatch> Read(const Where& where) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
