#include "server/cut_texts.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace nightjar::server {
namespace {

TEST(CutTexts, CutsLongTextsAtAnyDepthAndTellsWhere) {
  json::value span = *ParseJson(R"({"name":"abcdef","attributes":{"a/b~c":["abcd","abcde"]},"n":123456,"none":null})");
  CutTexts(4, span.as_object());
  EXPECT_EQ(ToJson(span), R"({"name":"abcd","attributes":{"a/b~c":["abcd","abcd"]},"n":123456,"none":null,)"
                          R"("cut":[{"path":"/name","bytes":6},{"path":"/attributes/a~1b~0c/1","bytes":5}]})");
}

TEST(CutTexts, CutsBetweenCharacters) {
  json::value span = *ParseJson(R"({"name":"aüb","other":"€uro"})");
  CutTexts(2, span.as_object());
  EXPECT_EQ(ToJson(span), R"({"name":"a","other":"","cut":[{"path":"/name","bytes":4},{"path":"/other","bytes":6}]})");
}

TEST(CharacterBegin, IsWhereTheCharacterOfAByteBegins) {
  EXPECT_EQ(CharacterBegin("a€b", 0), 0U);
  EXPECT_EQ(CharacterBegin("a€b", 1), 1U);
  EXPECT_EQ(CharacterBegin("a€b", 3), 1U);
  EXPECT_EQ(CharacterBegin("a€b", 4), 4U);
  EXPECT_EQ(CharacterBegin("a€b", 9), 5U);
  EXPECT_EQ(CharacterBegin("", 1), 0U);
}

}  // namespace
}  // namespace nightjar::server
