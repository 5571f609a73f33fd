#include "stack/sessions.h"

#include <gtest/gtest.h>

namespace stack {
namespace {

namespace json = boost::json;

TEST(Sessions, RememberEachUsersOwn) {
  Sessions sessions;
  EXPECT_TRUE(sessions.History("ada", "s").empty());
  sessions.Add("ada", "s", "one?", "One.");
  sessions.Add("ada", "s", "two?", "Two.");
  sessions.Add("bob", "s", "three?", "Three.");
  EXPECT_EQ(sessions.History("ada", "s"), json::parse(R"([{"role": "user", "content": "one?"},
      {"role": "assistant", "content": "One."}, {"role": "user", "content": "two?"},
      {"role": "assistant", "content": "Two."}])"));
  EXPECT_EQ(sessions.History("bob", "s").size(), 2U);
  EXPECT_TRUE(sessions.History("bob", "t").empty());
}

TEST(Sessions, ForgetTheOldestTurns) {
  Sessions sessions({.turns_max = 2, .session_bytes_max = 12});
  for (const char* text : {"a", "b", "c"}) sessions.Add("u", "s", text, text);
  ASSERT_EQ(sessions.History("u", "s").size(), 4U);
  EXPECT_EQ(sessions.History("u", "s")[0].at("content").as_string(), "b");
  sessions.Add("u", "s", "12345", "12345");  // with "c" before it 12 bytes, which is just allowed
  EXPECT_EQ(sessions.History("u", "s").size(), 4U);
  sessions.Add("u", "s", "123456", "123456");  // fills the session alone
  EXPECT_EQ(sessions.History("u", "s").size(), 2U);
  sessions.Add("u", "s", "1234567", "1234567");  // is too long for it
  EXPECT_TRUE(sessions.History("u", "s").empty());
}

TEST(Sessions, ForgetTheSessionThatIsQuietForTheLongestTime) {
  Sessions sessions({.sessions_max = 2});
  sessions.Add("u", "one", "q", "a");
  sessions.Add("u", "two", "q", "a");
  (void)sessions.History("u", "one");
  sessions.Add("u", "three", "q", "a");
  EXPECT_EQ(sessions.size(), 2U);
  EXPECT_TRUE(sessions.History("u", "two").empty());
  EXPECT_EQ(sessions.History("u", "one").size(), 2U);
}

}  // namespace
}  // namespace stack
