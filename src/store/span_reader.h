// Reads stored spans back as they were sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "model/span.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// Thread-safe.
class SpanReader {
 public:
  // `options`: of every question that is asked.
  explicit SpanReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Every span of the trace, each once (of copies the one that came last), ordered by start; a trace id may occur in
  // several projects. Empty when nothing is known, which is not an error: spans may still be on their way.
  Result<model::SpanBatch> ReadTrace(const std::optional<std::string>& project, const TraceId& trace_id) const;

  // The span alone, or an empty batch.
  Result<model::SpanBatch> ReadSpan(const std::string& project, const TraceId& trace_id, const SpanId& span_id) const;

 private:
  struct Where;
  Result<model::SpanBatch> Read(const Where& where) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
