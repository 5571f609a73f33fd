// Some spans of a trace, chosen by what their rows say, so that of a large trace only those need to be read.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"
#include "store/conversation_index.h"

namespace nightjar::store {

struct SpanChoice {
  std::vector<std::string> kinds;  // of one of these, as nightjar.spans has them; empty: of any
  bool with_events = false;
  UnixNanos from = 0;            // that end then or later,
  UnixNanos to = ~UnixNanos{0};  // and start before this
};

// Of copies the one that came last. By start; ReadCalls() reads them.
Result<std::vector<CallPosition>> ChooseSpans(ClickHouse& clickhouse, const std::string& project,
                                              const TraceId& trace_id, const SpanChoice& choice,
                                              const QueryOptions& options);

}  // namespace nightjar::store
