#include "query/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/lower_case.h"
#include "query/internal/sql_functions.h"
#include "query/internal/text.h"
#include "store/native_reader.h"
#include "store/views.h"

namespace nightjar::query {
namespace {

constexpr auto kNodes = std::to_array<std::string_view>({
    "ArrayJoin",
    "Asterisk",
    "ColumnsApplyTransformer",
    "ColumnsExceptTransformer",
    "ColumnsRegexpMatcher",
    "ColumnsReplaceTransformer",
    "ColumnsTransformerList",
    "ExpressionList",
    "Function",
    "Identifier",
    "InterpolateElement",
    "Literal",
    "OrderByElement",
    "QualifiedAsterisk",
    "QualifiedColumnsRegexpMatcher",
    "SelectIntersectExceptQuery",
    "SelectQuery",
    "SelectWithUnionQuery",
    "Subquery",
    "TableExpression",
    "TableIdentifier",
    "TableJoin",
    "TablesInSelectQuery",
    "TablesInSelectQueryElement",
    "WindowDefinition",
    "WindowListElement",
    "WithElement",
});

constexpr auto kDatabases = std::to_array<std::string_view>(
    {"system", "information_schema", "nightjar", "default", "_temporary_and_external_tables"});

Error NotAllowed(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// "Function count (alias c) (children 1)" → "count (alias c) (children 1)"; the node's name is taken.
std::string_view TakeWord(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

Result<void> CheckFunction(std::string_view name) {
  if (internal::IsAllowedFunction(name)) return {};
  return Fail(
      NotAllowed(fmt::format("the function \"{}\" is not allowed here; docs/guide/sql.md has those that are", name)));
}

// What the engine finds wrong with a person's statement is the statement's fault, whatever it is called.
Result<std::string> Asked(Result<std::string> answer) {
  if (answer || (answer.error().code != ErrorCode::kInternal && answer.error().code != ErrorCode::kNotFound))
    return answer;
  return Fail(NotAllowed(std::move(answer).error().message));
}

bool IsPlainName(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return internal::IsLetter(c) || internal::IsDigit(c); });
}

// Tables of other databases can also be named where an expression stands, as the right side of IN.
Result<void> CheckIdentifier(std::string_view name) {
  const std::string_view first = name.substr(0, name.find('.'));
  const bool qualified = first.size() != name.size();
  if (qualified && std::ranges::find(kDatabases, LowerCase(first)) != kDatabases.end())
    return Fail(NotAllowed(fmt::format("\"{}\" is of another database; the views are named alone, as spans is", name)));
  return {};
}

}  // namespace

namespace internal {

Result<void> CheckSyntaxTree(std::string_view tree) {
  bool first = true;
  while (!tree.empty()) {
    std::string_view line = tree.substr(0, tree.find('\n'));
    tree.remove_prefix(std::min(tree.size(), line.size() + 1));
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    const std::string_view node = TakeWord(line);
    if (first != (indent == 0) || (first && node != "SelectWithUnionQuery" && node != "SelectIntersectExceptQuery"))
      return Fail(NotAllowed("only one SELECT is allowed"));
    first = false;
    if (node == "Set") return Fail(NotAllowed("SETTINGS are not allowed"));
    if (std::ranges::find(kNodes, node) == kNodes.end())
      return Fail(NotAllowed(fmt::format("this kind of syntax ({}) is not allowed", node)));
    // What stands directly below the statement besides its SELECTs is FORMAT or INTO OUTFILE.
    if (indent == 1 && node != "ExpressionList" && node != "SelectQuery" && node != "SelectIntersectExceptQuery" &&
        node != "SelectWithUnionQuery")
      return Fail(NotAllowed("FORMAT and INTO are not allowed; ask for a format beside the statement"));
    if (node == "Function") {
      RETURN_IF_ERROR(CheckFunction(TakeWord(line)));
    } else if (node == "ColumnsApplyTransformer") {
      return Fail(NotAllowed("APPLY is not allowed"));
    } else if (node == "Identifier") {
      RETURN_IF_ERROR(CheckIdentifier(TakeWord(line)));
    } else if (node == "TableIdentifier") {
      if (const std::string_view name = TakeWord(line); !IsPlainName(name))
        return Fail(NotAllowed(fmt::format(
            "\"{}\" is no table of ours; docs/guide/sql.md has the views, and they are named alone", name)));
    }
  }
  if (first) return Fail(NotAllowed("only one SELECT is allowed"));
  return {};
}

}  // namespace internal

Result<void> CheckSql(store::ClickHouse& clickhouse, std::string_view sql, const store::QueryOptions& options) {
  if (sql.size() > kSqlBytesMax)
    return Fail(
        NotAllowed(fmt::format("the statement has {} bytes, at most {} are allowed", sql.size(), kSqlBytesMax)));
  std::string_view text = sql;
  while (!text.empty() && internal::IsSpace(text.front())) text.remove_prefix(1);
  const std::string_view word = text.substr(0, std::min(text.size(), text.find_first_of(" \t\r\n(")));
  const std::string first = LowerCase(word);
  if (first != "select" && first != "with")
    return Fail(NotAllowed(fmt::format("a statement begins with SELECT or WITH, not \"{}\"", word.substr(0, 40))));
  ASSIGN_OR_RETURN(const std::string bytes, Asked(clickhouse.Select("EXPLAIN AST " + std::string(text), {}, options)));
  ASSIGN_OR_RETURN(const std::vector<store::NativeBlock> blocks, store::ReadNative(bytes));
  std::string tree;
  for (const store::NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) (tree += block.columns.at(0).Text(row)) += '\n';
  return internal::CheckSyntaxTree(tree);
}

Result<std::string> RunSql(store::ClickHouse& clickhouse, std::string_view sql, SqlFormat format,
                           const std::optional<std::string>& project, store::QueryOptions options) {
  RETURN_IF_ERROR(CheckSql(clickhouse, sql, options));
  options.role = store::QueryRole::kUser;
  if (project) options.row_filters = store::RowsOfProject(*project);
  options.timeout = kSqlTimeMax + std::chrono::seconds(2);  // the engine's own limit comes first
  options.result_bytes_max = kSqlResultBytesMax;
  switch (format) {
    case SqlFormat::kJson: options.format = "JSONCompact"; break;
    case SqlFormat::kCsv: options.format = "CSVWithNames"; break;
    case SqlFormat::kArrow: options.format = "ArrowStream"; break;
  }
  return Asked(clickhouse.Select(sql, {}, options));
}

}  // namespace nightjar::query
