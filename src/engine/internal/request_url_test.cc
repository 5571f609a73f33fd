#include "engine/internal/request_url.h"

#include <gtest/gtest.h>

namespace nightjar::engine {
namespace {

TEST(ParseRequestUrl, SortsNamesIntoTheirPlaces) {
  const auto url = ParseRequestUrl(
      "/?query=SELECT+%7Bx%3AString%7D&default_format=JSONEachRow&role=ro&param_x=a%26b%5Ct&max_threads=1&database="
      "default");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->path, "/");
  EXPECT_EQ(url->query, "SELECT {x:String}");
  EXPECT_EQ(url->format, "JSONEachRow");
  EXPECT_EQ(url->role, Role::kUser);
  ASSERT_EQ(url->parameters.size(), 1u);
  EXPECT_EQ(url->parameters[0], NamedText("x", "a&b\\t"));
  ASSERT_EQ(url->settings.size(), 1u);
  EXPECT_EQ(url->settings[0], NamedText("max_threads", "1"));
}

TEST(ParseRequestUrl, DefaultsToTheServerAndNative) {
  const auto url = ParseRequestUrl("/ping");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->path, "/ping");
  EXPECT_EQ(url->format, "Native");
  EXPECT_EQ(url->role, Role::kServer);
}

TEST(ParseRequestUrl, TakesEmptyPartsAndMissingValues) {
  const auto url = ParseRequestUrl("/?&a&&param_y=&");
  ASSERT_TRUE(url);
  ASSERT_EQ(url->settings.size(), 1u);
  EXPECT_EQ(url->settings[0], NamedText("a", ""));
  EXPECT_EQ(url->parameters[0], NamedText("y", ""));
}

TEST(ParseRequestUrl, RefusesWhatItDoesNotUnderstand) {
  for (const char* target :
       {"/?query=%4", "/?query=%zz", "/?role=admin", "/?a%20b=1", "/?a%3D1%2Cb=1", "/?database=x"}) {
    const auto url = ParseRequestUrl(target);
    ASSERT_FALSE(url) << target;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument) << target;
  }
}

}  // namespace
}  // namespace nightjar::engine
