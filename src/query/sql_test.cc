#include "query/sql.h"

#include <gtest/gtest.h>

#include "query/internal/sql_functions.h"

namespace nightjar::query {
namespace {

// As the engine's EXPLAIN AST prints "SELECT count() FROM spans AS s WHERE x IN (SELECT 1)".
constexpr std::string_view kTree = R"(SelectWithUnionQuery (children 1)
 ExpressionList (children 1)
  SelectQuery (children 3)
   ExpressionList (children 1)
    Function count (children 1)
     ExpressionList
   TablesInSelectQuery (children 1)
    TablesInSelectQueryElement (children 1)
     TableExpression (children 1)
      TableIdentifier spans (alias s)
   Function in (children 1)
    ExpressionList (children 2)
     Identifier x
     Subquery (children 1)
)";

std::string Refusal(std::string_view from, std::string_view to) {
  std::string tree(kTree);
  tree.replace(tree.find(from), from.size(), to);
  const Result<void> checked = internal::CheckSyntaxTree(tree);
  return checked ? "" : checked.error().message;
}

TEST(Sql, LetsASelectOverTheViewsPass) { EXPECT_TRUE(internal::CheckSyntaxTree(kTree).has_value()); }

TEST(Sql, RefusesWhatReachesFurther) {
  EXPECT_EQ(Refusal("Function count", "Function file"),
            "the function \"file\" is not allowed here; docs/guide/sql.md has those that are");
  EXPECT_EQ(Refusal("TableIdentifier spans", "TableIdentifier system.tables"),
            "\"system.tables\" is no table of ours; docs/guide/sql.md has the views, and they are named alone");
  EXPECT_EQ(Refusal("TableIdentifier spans", "TableIdentifier /etc/passwd"),
            "\"/etc/passwd\" is no table of ours; docs/guide/sql.md has the views, and they are named alone");
  EXPECT_EQ(Refusal("Identifier x", "Identifier SYSTEM.one"),
            "\"SYSTEM.one\" is of another database; the views are named alone, as spans is");
  EXPECT_EQ(Refusal("Identifier x", "QueryParameter x:String"), "this kind of syntax (QueryParameter) is not allowed");
  EXPECT_EQ(Refusal("   Function in", "   Set\n   Function in"), "SETTINGS are not allowed");
  EXPECT_EQ(Refusal(" ExpressionList (children 1)\n", " Identifier JSON\n ExpressionList (children 1)\n"),
            "FORMAT and INTO are not allowed; ask for a format beside the statement");
  EXPECT_EQ(Refusal("SelectWithUnionQuery", "InsertQuery"), "only one SELECT is allowed");
  // A name with a line break in it cannot hide what stands before the break, nor make a second statement.
  EXPECT_EQ(Refusal("(alias s)", "(alias s\nFunction count)"), "only one SELECT is allowed");
  EXPECT_EQ(Refusal("Function count", "Function file (alias s\n    Function count"),
            "the function \"file\" is not allowed here; docs/guide/sql.md has those that are");
  EXPECT_FALSE(internal::CheckSyntaxTree("").has_value());
}

TEST(Sql, KnowsItsFunctions) {
  for (const char* name :
       {"count", "COUNT", "sumIf", "quantileTDigestIf", "uniqExactArrayIf", "toStartOfHour", "substring"})
    EXPECT_TRUE(internal::IsAllowedFunction(name)) << name;
  for (const char* name : {"file", "fileIf", "url", "remote", "sleep", "hostName", "getSetting", "joinGet", "dictGet",
                           "numbers", "merge", "view", "executable", "currentUser", "version", "if_", "", "If"})
    EXPECT_EQ(internal::IsAllowedFunction(name), std::string_view(name) == "If") << name;
}

}  // namespace
}  // namespace nightjar::query
