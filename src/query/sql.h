// SQL that people write, over the documented views (store/views.h, docs/guide/sql.md).
//
// The fence has three parts: the text is parsed by the engine without being run, and must be one SELECT made of nodes,
// functions and tables of our lists; it runs on connections that are read-only and bounded; and the engine's process
// has no network and no files but its own (engine/sandbox.h). A statement of one project has a fourth: filters of rows,
// set before its connection becomes read-only.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::query {

constexpr std::size_t kSqlBytesMax = 64 << 10;
constexpr std::chrono::seconds kSqlTimeMax{10};
constexpr std::size_t kSqlResultBytesMax = 64 << 20;

enum class SqlFormat { kJson, kCsv, kArrow };

// Errors are kInvalidArgument: what is not allowed, and what to write instead, or the parser's own words.
Result<void> CheckSql(store::ClickHouse& clickhouse, std::string_view sql, const store::QueryOptions& options);

// The checked statement's result over the rows of `project`, or of all if there is none:
// {"meta":[{"name","type"}],"data":[[…]],"rows",…} with 64-bit numbers as strings, CSV with a line of names, or an
// Arrow stream. kResourceExhausted and kDeadlineExceeded when it is over a limit of rows, bytes, memory or time.
Result<std::string> RunSql(store::ClickHouse& clickhouse, std::string_view sql, SqlFormat format,
                           const std::optional<std::string>& project, store::QueryOptions options);

namespace internal {

// Of the engine's EXPLAIN AST, whose lines are indented nodes. kInvalidArgument for the first one that is not allowed.
Result<void> CheckSyntaxTree(std::string_view tree);

}  // namespace internal

}  // namespace nightjar::query
