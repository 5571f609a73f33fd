#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "console_exporter.h"
#include "encode.h"
#include "json_text.h"
#include "utf8.h"

namespace nightjar::sdk {
namespace {

std::string Clean(std::string_view text, std::size_t characters_max = kUnlimited) {
  std::string scratch;
  return std::string(CleanUtf8(text, characters_max, scratch));
}

TEST(CleanUtf8, KeepsWhatIsValid) {
  for (const char* text : {"", "plain", "\xC3\xA9t\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x8E\x89", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(Clean(text), text);
  }
}

TEST(CleanUtf8, ReplacesWhatIsNot) {
  EXPECT_EQ(Clean("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(Clean("\xC3"), "\xEF\xBF\xBD");                                  // ends early
  EXPECT_EQ(Clean("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");                  // overlong '/'
  EXPECT_EQ(Clean("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");  // a surrogate
  EXPECT_EQ(Clean("\xF4\x90\x80\x80").size(), 12U);                          // above U+10FFFF
  EXPECT_EQ(Clean("\xE2\x82\xAC\x80"), "\xE2\x82\xAC\xEF\xBF\xBD");          // good, then a lone continuation
}

TEST(CleanUtf8, CountsCharactersNotBytes) {
  EXPECT_EQ(Clean("abcdef", 3), "abc");
  EXPECT_EQ(Clean("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9\xC3\xA9");
  EXPECT_EQ(Clean("\xE2\x82\xAC", 0), "");
  EXPECT_EQ(Clean("\xFF\xFF\xFF", 2), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonText, FindsMembers) {
  const std::string_view json = R"( { "a\"b" : 1, "text":"}]\"{", "list" : [ {"x":[1]} , 2 ], "n": -12 } )";
  EXPECT_EQ(JsonMember(json, "text"), R"("}]\"{")");
  EXPECT_EQ(JsonMember(json, "list"), R"([ {"x":[1]} , 2 ])");
  EXPECT_EQ(JsonMember(json, "n"), "-12");
  EXPECT_EQ(JsonMember(json, "absent"), std::nullopt);
  EXPECT_EQ(JsonMember(R"({"a":"\\","b":"\\\"","c":1})", "c"), "1");
  EXPECT_EQ(JsonFirstElement(R"([ {"x":[1]} , 2 ])"), R"({"x":[1]})");
}

TEST(JsonText, SurvivesWhatIsNotJson) {
  for (const char* text :
       {"", "{", "[", "{]", "]", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":[", "{a:1}", "\"a\"", "[]"}) {
    EXPECT_EQ(JsonMember(text, "a"), std::nullopt) << text;
  }
  EXPECT_EQ(JsonFirstElement("[]"), std::nullopt);
  EXPECT_EQ(JsonFirstElement("[\""), std::nullopt);
}

TEST(JsonText, Integers) {
  EXPECT_EQ(JsonInteger("182"), 182);
  EXPECT_EQ(JsonInteger("1.5"), std::nullopt);
  EXPECT_EQ(JsonInteger("\"7\""), std::nullopt);
  EXPECT_EQ(JsonInteger("null"), std::nullopt);
}

TEST(JsonText, Writes) {
  std::string text;
  AppendJsonString(text, "a\"b\\c\nd\x01\xC3\xA9");
  EXPECT_EQ(text, "\"a\\\"b\\\\c\\nd\\u0001\xC3\xA9\"");
  std::string numbers;
  for (const double number : {0.7, 0.0, 2.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    AppendJsonNumber(numbers, number);
    numbers += ' ';
  }
  EXPECT_EQ(numbers, "0.7 0 2 null null ");
}

// A span written by hand: name "work", 2026-01-02 03:04:05.006007 UTC, 1.5 ms, an error, and two attributes.
TEST(Console, FormatsASpan) {
  using namespace std::string_literals;
  const std::string span =
      "\x0A\x10\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10"s
      "\x12\x08\xA1\xA2\xA3\xA4\xA5\xA6\xA7\xA8"s
      "\x2A\x04work"s
      "\x39\xD8\xDA\xF1\x1C\xF2\xCA\x86\x18"s
      "\x41\x38\xBE\x08\x1D\xF2\xCA\x86\x18"s
      "\x4A\x0C\x0A\x03key\x12\x05\x0A\x03"s
      "a\nb"s
      "\x4A\x09\x0A\x03num\x12\x02\x18\x07"s
      "\x7A\x08\x12\x04"s
      "boom"s
      "\x18\x02"s;
  EXPECT_EQ(FormatSpan(DecodeSpan(span)),
            "03:04:05.006007 work 1.500ms ERROR: boom trace=0102030405060708090a0b0c0d0e0f10 span=a1a2a3a4a5a6a7a8\n"
            "    key = a b\n"
            "    num = 7\n");
}

TEST(Console, WritesToStandardOutput) {
  TracerProvider& provider = TracerProvider::Create({.processors = {SimpleSpanProcessor(ConsoleExporter())}});
  testing::internal::CaptureStdout();
  provider.tracer().StartSpan("to be seen").SetAttribute("key", "value");
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find(" to be seen "), std::string::npos);
  EXPECT_TRUE(text.ends_with("\n    key = value\n"));
}

}  // namespace
}  // namespace nightjar::sdk
