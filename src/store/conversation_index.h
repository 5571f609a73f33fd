// Which spans a conversation is made of.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
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

// The spans of kind LLM of these traces, without those that repeat a call.
Result<std::set<SpanAddress>> ReadLlmSpans(ClickHouse& clickhouse, const std::string& project,
                                           const std::vector<TraceId>& trace_ids, const QueryOptions& options);

}  // namespace nightjar::store
