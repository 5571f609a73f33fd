// The views that people query with SQL: docs/guide/sql.md. They hide how spans are stored, so that storage may change.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// The SELECT of the view `spans` over the rows of nightjar.spans for which `where` holds.
std::string SpanRowsSql(std::string_view where);

// With these as QueryOptions::row_filters the views have the rows of that project and no others, however they are
// asked: the engine sees to it where it reads the tables behind them.
std::string RowsOfProject(std::string_view project);

// Makes each of them anew in the database `default`, where a name without a database is looked for.
Result<void> MakeViews(ClickHouse& clickhouse);

}  // namespace nightjar::store
