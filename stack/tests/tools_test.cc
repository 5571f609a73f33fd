#include "stack/builtin_tools.h"

#include <gtest/gtest.h>

#include <regex>

#include "stack/documents.h"

namespace stack {
namespace {

namespace json = boost::json;

class ToolsTest : public testing::Test {
 protected:
  ToolsTest() { RegisterBuiltinTools(registry_, retriever_); }

  // What the tool says is wrong; empty when nothing is.
  std::string ErrorOf(std::string_view name, std::string_view arguments) {
    try {
      (void)registry_.Call(name, json::parse(arguments).as_object());
      return {};
    } catch (const ToolError& error) {
      return error.what();
    }
  }

  const HybridRetriever retriever_{DemoCorpus()};
  ToolRegistry registry_;
};

TEST_F(ToolsTest, ChecksArguments) {
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL", "top_k": 3})"), "");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL"})"), "");
  EXPECT_EQ(ErrorOf("search_docs", R"({"top_k": 3})"), "argument query is missing");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": 7})"), "argument query must be of type string, not 7");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL", "top_k": "3"})"),
            "argument top_k must be of type integer, not \"3\"");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL", "top_k": 0})"), "argument top_k must be at least 1, not 0");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL", "top_k": 11})"), "argument top_k must be at most 10, not 11");
  EXPECT_EQ(ErrorOf("search_docs", R"({"query": "WAL", "limit": 3})"), "argument limit is unknown");
  EXPECT_EQ(ErrorOf("now", R"({"zone": "UTC"})"), "argument zone is unknown");
  EXPECT_EQ(ErrorOf("launch", "{}"), "tool launch is unknown");
  EXPECT_EQ(ErrorOf("fetch_chunk", R"({"chunk_id": "xx-1"})"), "there is no chunk xx-1");
}

TEST_F(ToolsTest, ANameIsTakenOnce) {
  try {
    registry_.Register(NowTool());
    FAIL() << "registered twice";
  } catch (const ToolError& error) {
    EXPECT_STREQ(error.what(), "tool now is already registered");
  }
}

TEST_F(ToolsTest, ANameIsOneThatModelsTake) {
  for (const std::string& name : {std::string(), std::string("two words"), std::string(65, 'a')}) {
    EXPECT_THROW(registry_.Register({.name = name}), ToolError) << name;
  }
}

TEST_F(ToolsTest, Results) {
  const json::value found = registry_.Call("search_docs", {{"query", "Postgres vs SQLite for Django"}, {"top_k", 2}});
  ASSERT_EQ(found.as_array().size(), 2U);
  EXPECT_EQ(found.at(0).at("id").as_string(), "dj-001");
  EXPECT_TRUE(found.at(0).at("score").is_double());
  const json::value chunk = registry_.Call("fetch_chunk", {{"chunk_id", "dj-001"}});
  EXPECT_EQ(chunk.at("text"), found.at(0).at("text"));
  const json::value now = registry_.Call("now", {});
  EXPECT_TRUE(
      std::regex_match(std::string(now.at("utc").as_string()), std::regex(R"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)")));
}

TEST_F(ToolsTest, Schemas) {
  const json::array schemas = registry_.Schemas();
  ASSERT_EQ(schemas.size(), 3U);
  EXPECT_EQ(schemas[0], json::parse(R"({"type": "function", "function": {
    "name": "fetch_chunk", "description": "Returns one chunk of the notes by its id.",
    "parameters": {"type": "object", "properties": {"chunk_id": {"type": "string", "description": "an id that search_docs returned"}},
                   "required": ["chunk_id"], "additionalProperties": false}}})"));
}

}  // namespace
}  // namespace stack
