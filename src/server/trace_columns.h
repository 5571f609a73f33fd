// The structure of a trace of any size as columns: docs/formats/trace_columns.md.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::server {

// Empty when nothing is known of the trace.
Result<std::string> ReadTraceColumns(store::ClickHouse& clickhouse, const std::string& project, const TraceId& trace_id,
                                     const store::QueryOptions& options);

}  // namespace nightjar::server
