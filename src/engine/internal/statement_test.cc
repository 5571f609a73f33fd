#include "engine/internal/statement.h"

#include <gtest/gtest.h>

namespace nightjar::engine {
namespace {

TEST(SplitInsert, CutsTheFormatOff) {
  const auto split = SplitInsert("INSERT INTO n.t (a, b) SETTINGS insert_deduplication_token='x y' FORMAT Native");
  ASSERT_TRUE(split);
  EXPECT_EQ(split->statement, "INSERT INTO n.t (a, b) SETTINGS insert_deduplication_token='x y' ");
  EXPECT_EQ(split->format, "Native");
}

TEST(SplitInsert, AcceptsCommentsCaseAndSemicolon) {
  const auto split = SplitInsert("/*tag*/ insert into t\nformat RowBinary ;\n");
  ASSERT_TRUE(split);
  EXPECT_EQ(split->statement, "/*tag*/ insert into t\n");
  EXPECT_EQ(split->format, "RowBinary");
}

TEST(SplitInsert, LeavesOtherStatementsAlone) {
  EXPECT_FALSE(SplitInsert("INSERT INTO t VALUES ('FORMAT Native')"));
  EXPECT_FALSE(SplitInsert("INSERT INTO t SELECT 'FORMAT' Native FROM x WHERE y"));
  EXPECT_FALSE(SplitInsert("SELECT 1 FORMAT Native"));
  EXPECT_FALSE(SplitInsert("INSERT INTO t FORMAT 'Native'"));
  EXPECT_FALSE(SplitInsert(""));
}

TEST(FirstWord, SkipsCommentsAndParentheses) {
  EXPECT_EQ(FirstWord("  -- hello\n/* x */ ((select 1))"), "SELECT");
  EXPECT_EQ(FirstWord("with x AS (SELECT 1) SELECT 2"), "WITH");
  EXPECT_EQ(FirstWord("/* never ends SELECT"), "");
  EXPECT_EQ(FirstWord("'SELECT'"), "");
}

TEST(HasWord, SeesWordsOnlyOutsideQuotesAndComments) {
  EXPECT_TRUE(HasWord("SELECT 1 format JSON", "FORMAT"));
  EXPECT_FALSE(HasWord("SELECT 'a FORMAT b', \"FORMAT\", `FORMAT` -- FORMAT", "FORMAT"));
  EXPECT_FALSE(HasWord("SELECT 'it''s FORMAT', 'a\\' FORMAT'", "FORMAT"));
  EXPECT_FALSE(HasWord("SELECT reformat, format_x", "FORMAT"));
}

TEST(ExceptionCode, ReadsTheNumber) {
  EXPECT_EQ(ExceptionCode("Code: 62. DB::Exception: Syntax error"), 62);
  EXPECT_EQ(ExceptionCode("Poco::Exception. Code: 1000, e.code() = 0"), 1000);
  EXPECT_EQ(ExceptionCode("no number here"), 1002);
}

TEST(HttpStatus, FollowsTheKindOfError) {
  EXPECT_EQ(HttpStatus(62), 400u);
  EXPECT_EQ(HttpStatus(164), 403u);
  EXPECT_EQ(HttpStatus(60), 404u);
  EXPECT_EQ(HttpStatus(159), 408u);
  EXPECT_EQ(HttpStatus(48), 501u);
  EXPECT_EQ(HttpStatus(202), 503u);
  EXPECT_EQ(HttpStatus(241), 500u);
}

TEST(QuoteLiteral, EscapesQuotesAndBackslashes) { EXPECT_EQ(QuoteLiteral(R"(it's a \ )"), R"('it\'s a \\ ')"); }

}  // namespace
}  // namespace nightjar::engine
