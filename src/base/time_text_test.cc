#include "base/time_text.h"

#include <gtest/gtest.h>

namespace nightjar {
namespace {

TEST(TimeText, ReadsRfc3339) {
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00Z"), 0u);
  EXPECT_EQ(ParseRfc3339("2026-01-31T12:00:00.5+01:00"), 1'769'857'200'500'000'000u);
  EXPECT_EQ(ParseRfc3339("2026-01-31T12:00:00"), std::nullopt);
  EXPECT_EQ(ParseRfc3339("2026-02-30T12:00:00Z"), std::nullopt);
  EXPECT_EQ(ParseRfc3339("1969-12-31T23:59:59Z"), std::nullopt);
}

TEST(TimeText, ReadsDates) {
  EXPECT_EQ(ParseDate("2026-01-31"), 1'769'817'600'000'000'000u);
  EXPECT_EQ(ParseDate("2026-1-31"), std::nullopt);
  EXPECT_EQ(ParseDate("2026-01-31T"), std::nullopt);
}

TEST(TimeText, WritesRfc3339) {
  EXPECT_EQ(ToRfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(ToRfc3339(1'769'857'200'500'000'000u), "2026-01-31T11:00:00.5Z");
  EXPECT_EQ(ToRfc3339(1'769'857'200'000'000'001u), "2026-01-31T11:00:00.000000001Z");
}

}  // namespace
}  // namespace nightjar
