#include "semconv/internal/lenient_json.h"

#include <gtest/gtest.h>

namespace nightjar::semconv::internal {
namespace {

std::string Shown(std::string_view text, Spelling spelling) {
  const auto read = ParseLenient(text);
  if (!read) return "nothing";
  EXPECT_EQ(read->spelling, spelling) << text;
  return ToJson(read->value);
}

TEST(LenientJson, Python) {
  EXPECT_EQ(Shown("{'audio': 0, 'cache_read': 513}", Spelling::kPython), R"({"audio":0,"cache_read":513})");
  EXPECT_EQ(Shown(R"([{'a': None, 'b': True, 'c': "it's", 'd': 'say \'hi\'\n'}])", Spelling::kPython),
            R"([{"a":null,"b":true,"c":"it's","d":"say 'hi'\n"}])");
  EXPECT_EQ(Shown("[('a', 1.5), (), False,]", Spelling::kPython), R"([["a",1.5],[],false])");
  EXPECT_EQ(Shown(R"(['\xe9\u00e9'])", Spelling::kPython), "[\"\u00e9\u00e9\"]");
}

TEST(LenientJson, Cut) {
  EXPECT_EQ(Shown(R"([{"role": "user", "content": "Where)", Spelling::kCut), R"([{"role":"user","content":"Where"}])");
  EXPECT_EQ(Shown(R"([{"role": "user", "con)", Spelling::kCut), R"([{"role":"user"}])");
  EXPECT_EQ(Shown(R"({"a": [1, 2, {"b":)", Spelling::kCut), R"({"a":[1,2,{}]})");
  EXPECT_EQ(Shown(R"({"a": tr)", Spelling::kCut), R"({"a":null})");
  EXPECT_EQ(Shown(R"({"a": "x\u26)", Spelling::kCut), "{\"a\":\"x26\"}");
}

TEST(LenientJson, OtherTextIsNothing) {
  for (const char* text : {"", "{", "[", "plain", "[plain]", "{a: 1}", "[1] and more", "'text'", "12",
                           "[<object at 0x7f>]", "{'a' 1}", "[1 2]"})
    EXPECT_EQ(Shown(text, Spelling::kJson), "nothing") << text;
}

TEST(LenientJson, DepthIsBounded) {
  EXPECT_EQ(Shown(std::string(100'000, '['), Spelling::kCut), "nothing");
  EXPECT_EQ(Shown(std::string(100, '['), Spelling::kCut), "nothing");
}

}  // namespace
}  // namespace nightjar::semconv::internal
