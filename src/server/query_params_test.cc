#include "server/query_params.h"

#include <gtest/gtest.h>

namespace nightjar::server {
namespace {

UnixNanos TimeOf(std::string_view text) {
  const auto time = ParseTime("from", text);
  return time && *time ? **time : 0;
}

// Seconds by `date -u -d … +%s`.
TEST(ParseTime, NanosecondsOrRfc3339) {
  EXPECT_EQ(TimeOf("1769860800000000001"), 1'769'860'800'000'000'001u);
  EXPECT_EQ(TimeOf("2026-01-31T12:00:00Z"), 1'769'860'800'000'000'000u);
  EXPECT_EQ(TimeOf("2026-01-31T12:00:00.25Z"), 1'769'860'800'250'000'000u);
  EXPECT_EQ(TimeOf("2026-01-31T13:30:00.000000001+01:30"), 1'769'860'800'000'000'001u);
  EXPECT_EQ(TimeOf("2026-01-31T07:00:00-05:00"), 1'769'860'800'000'000'000u);
  EXPECT_FALSE(ParseTime("from", "")->has_value());
}

TEST(ParseTime, AnythingElseIsRefusedByName) {
  for (const std::string_view text : {"yesterday", "2026-01-31", "2026-01-31T12:00:00", "2026-02-30T12:00:00Z",
                                      "2026-01-31T24:00:00Z", "2026-01-31T12:00:00.Z", "1960-01-01T00:00:00Z", "-5",
                                      "5 ", "2026-01-31T12:00:00+1:00", "9999-01-01T00:00:00Z"})
    EXPECT_EQ(ParseTime("from", text).error().code, ErrorCode::kInvalidArgument) << text;
  EXPECT_EQ(ParseTime("to", "soon").error().message,
            "to \"soon\" is neither nanoseconds since 1970 nor a time such as 2026-01-31T12:00:00Z");
}

TEST(ParseTimeCursor, ReadsWhatCursorTextMakes) {
  const store::TimePosition position{7, {.low = 0xff, .high = 1}};
  EXPECT_EQ(CursorText(position), "7-000000000000000100000000000000ff");
  const auto read = ParseTimeCursor("7-000000000000000100000000000000ff");
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->time_unix_ns, 7u);
  EXPECT_EQ((*read)->hash, position.hash);
  EXPECT_FALSE(ParseTimeCursor("")->has_value());
  for (const std::string_view text : {"7", "7-", "-5", "7-ff", "x-000000000000000100000000000000ff",
                                      "7-00000000000000010000000000000xff", "7-000000000000000100000000000000ff0"})
    EXPECT_EQ(ParseTimeCursor(text).error().code, ErrorCode::kInvalidArgument) << text;
}

TEST(ParseLimit, FromOneToTheMaximum) {
  constexpr LimitRange kRange{.if_absent = 50, .max = 500};
  EXPECT_EQ(*ParseLimit("", kRange), 50u);
  EXPECT_EQ(*ParseLimit("500", kRange), 500u);
  for (const std::string_view text : {"0", "501", "x", "5x", "-1"})
    EXPECT_EQ(ParseLimit(text, kRange).error().code, ErrorCode::kInvalidArgument) << text;
}

}  // namespace
}  // namespace nightjar::server
