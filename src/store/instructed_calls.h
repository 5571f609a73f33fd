// Which calls of a model stand below an agent whose span has instructions. Some libraries write them there alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"

namespace nightjar::store {

// Of the spans of kind LLM of these traces: the AGENT next above each, no further than 64 levels and with no TOOL
// between, if it has the attribute gen_ai.system_instructions. Without such an agent nothing but its absence is read.
Result<std::map<SpanAddress, SpanAddress>> ReadInstructedCalls(ClickHouse& clickhouse, const std::string& project,
                                                               const std::vector<TraceId>& trace_ids,
                                                               const QueryOptions& options);

}  // namespace nightjar::store
