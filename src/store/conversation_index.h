// The spans that a conversation is made of, of many traces at a time: a question for each trace takes minutes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/span.h"
#include "store/clickhouse.h"
#include "store/repeated_calls.h"

namespace nightjar::store {

// The traces that have a span in the session, by the start of the first such span, at most `limit`.
Result<std::vector<TraceId>> ReadTracesOfSession(ClickHouse& clickhouse, const std::string& project,
                                                 const std::string& session_id, std::size_t limit,
                                                 const QueryOptions& options);

struct StartRange {
  UnixNanos from = 0;
  UnixNanos to = 0;  // exclusive
};

// The traces that have a span of kind LLM which starts in the range, the latest first, at most `limit`.
Result<std::vector<TraceId>> ReadTracesWithCalls(ClickHouse& clickhouse, const std::string& project, StartRange range,
                                                 std::size_t limit, const QueryOptions& options);

struct CallPosition {
  SpanAddress address;
  UnixNanos start_unix_ns = 0;
  std::int64_t duration_ns = 0;
};

// The spans of kind LLM of these traces, without those that repeat a call: trace by trace in the order of `trace_ids`,
// each as SpanReader has it.
Result<std::vector<CallPosition>> ReadLlmSpans(ClickHouse& clickhouse, const std::string& project,
                                               const std::vector<TraceId>& trace_ids, const QueryOptions& options);

// Reads these spans of the project, in their order; `take` gets a batch of one span. One that was erased or sent again
// with another start since may be missing. kResourceExhausted, before anything is taken: read fewer at a time.
// REQUIRES: !calls.empty()
Result<void> ReadCalls(ClickHouse& clickhouse, const std::string& project, std::span<const CallPosition> calls,
                       const QueryOptions& options, const std::function<void(const model::SpanBatch&)>& take);

}  // namespace nightjar::store
