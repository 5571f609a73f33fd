// The views that people query with SQL: docs/guide/sql.md. They hide how spans are stored, so that storage may change.
#pragma once

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// Makes each of them anew in the database `default`, where a name without a database is looked for.
Result<void> MakeViews(ClickHouse& clickhouse);

}  // namespace nightjar::store
