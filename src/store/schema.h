// The telemetry tables and how they came to be: numbered migrations, applied once, in order.
// What each column holds: docs/formats/span_table.md, log_and_metric_tables.md.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// Brings the engine's schema up to this program's version. kFailedPrecondition when the data was written by a newer
// one.
Result<void> Migrate(ClickHouse& clickhouse);

}  // namespace nightjar::store
