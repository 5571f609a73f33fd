#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "terminal/table.h"
#include "terminal/text.h"
#include "terminal/waterfall.h"

namespace nightjar::terminal {
namespace {

TEST(Text, ObeysNothingOfIt) {
  EXPECT_EQ(Harmless("plain é 日本"), "plain é 日本");
  EXPECT_EQ(Harmless("\x1b[31mred\x1b[0m\r\n\t\x07"), "\\x1b[31mred\\x1b[0m\\x0d\\x0a\\x09\\x07");
  EXPECT_EQ(Harmless("\xc2\x9b"
                     "31m\x7f"),
            "\\x9b31m\\x7f");  // C1 and DEL
  EXPECT_EQ(Harmless("a\xe2\x80\xae"
                     "b\xe2\x81\xa6"),
            "a\\u202eb\\u2066");                // marks of direction
  EXPECT_EQ(Harmless("\xff"), "\xef\xbf\xbd");  // not UTF-8
}

TEST(Text, CountsColumns) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("日本"), 4u);
  EXPECT_EQ(Width("e\xcc\x81"), 1u);  // e and a combining accent
  EXPECT_EQ(Fitted("abc", 5), "abc  ");
  EXPECT_EQ(Fitted("abcdef", 4), "abc…");
  EXPECT_EQ(Fitted("日本語", 4), "日… ");
  EXPECT_EQ(Fitted("abc", 0), "");
}

TEST(Text, SaysNumbersShortly) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Duration(0), "0 ns");
  EXPECT_EQ(Duration(412), "412 ns");
  EXPECT_EQ(Duration(1'500'000), "1.5 ms");
  EXPECT_EQ(Duration(2'345'000'000), "2.35 s");  // 2.345 is a little more in binary
  EXPECT_EQ(Duration(187'000'000'000), "3 min 7 s");
  EXPECT_EQ(Duration(7'500'000'000'000), "2 h 5 min");
  EXPECT_EQ(Duration(-1'500'000), "-1.5 ms");
}

TEST(Table, AlignsItsColumns) {
  const std::string table =
      ToTable({{"model"}, {"calls", true}}, {{"nova", "7"}, {"日本", "1200"}, {"x\x1b[2J", ""}}, {});
  EXPECT_EQ(table,
            "model     calls\n"
            "────────  ─────\n"
            "nova          7\n"
            "日本       1200\n"
            "x\\x1b[2J\n");
}

TEST(Table, CutsWhatIsLong) {
  const std::string table = ToTable({{"x"}}, {{std::string(100, 'a')}}, {});
  EXPECT_NE(table.find(std::string(59, 'a') + "…\n"), std::string::npos);
}

constexpr std::string_view kTrace = R"({"trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c","name":"run\u001b[2J",
  "duration_ns":1000000000,"span_count":3,"error_count":1,"tokens":{"total":1230},"cost":{"total_usd":0.02},"user_id":"ada"},
 "spans":[
  {"span_id":"a1","parent_span_id":null,"name":"run","kind":"AGENT","start_unix_ns":"1000","duration_ns":1000000000,
   "status":{"code":"UNSET","message":""}},
  {"span_id":"a3","parent_span_id":"a2","name":"search","kind":"TOOL","start_unix_ns":"750001000","duration_ns":250000000,
   "status":{"code":"ERROR","message":"no"},"exception":{"type":"TimeoutError","message":"too\nslow"}},
  {"span_id":"a2","parent_span_id":"a1","name":"chat","kind":"LLM","start_unix_ns":"1000","duration_ns":500000000,
   "status":{"code":"OK","message":""},"tokens":{"prompt":1200,"completion":30},"cost":{"total_usd":0.02},"llm":{"model":"nova"}}]})";

TEST(Waterfall, ShowsTreeTimeAndTrouble) {
  const json::value trace = *ParseJson(kTrace);
  const Result<std::string> text = ToWaterfall(trace.get_object(), {});
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            "run\\x1b[2J  0af7651916cd43dd8448eb211c80319c\n"
            "1 s  3 spans  1 failed  1,230 tokens  $0.02  user ada\n"
            "\n"
            "agent      run                       ████████████████████████████         1 s\n"
            "llm        └ chat                    ██████████████                    500 ms  1,200→30 tok  $0.02  nova\n"
            "tool         └ search                                     ███████      250 ms  failed: TimeoutError: "
            "too\\x0aslow\n");
}

TEST(Waterfall, EndsOnCircles) {
  const json::value trace = *ParseJson(
      R"({"trace":{"name":"x","trace_id":""},"spans":[{"span_id":"a","parent_span_id":"b","name":"a","start_unix_ns":"1"},
          {"span_id":"b","parent_span_id":"a","name":"b","start_unix_ns":"2"},{"span_id":"c","parent_span_id":"c","name":"c"}]})");
  const Result<std::string> text = ToWaterfall(trace.get_object(), {});
  ASSERT_TRUE(text.has_value());
  for (const char* name : {" a ", "└ b ", " c "}) EXPECT_NE(text->find(name), std::string::npos) << *text;
  EXPECT_FALSE(ToWaterfall({}, {}).has_value());
}

}  // namespace
}  // namespace nightjar::terminal
