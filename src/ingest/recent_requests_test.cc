#include "ingest/recent_requests.h"

#include <gtest/gtest.h>

namespace nightjar::ingest {
namespace {

using std::chrono::minutes;

const RecentRequests::Clock::time_point kStart{std::chrono::hours(100)};

RecentRequests::Key Key(std::uint64_t number) { return {.low = number, .high = 0}; }

TEST(RecentRequests, KeyIsOfEverythingButTheTimeOfArrival) {
  const RecentRequests recent{store::SegmentKey()};
  const ExportRequest first{.received_unix_ns = 1, .project = "p", .body = "body"};
  ExportRequest same = first;
  same.received_unix_ns = 2;
  EXPECT_EQ(recent.KeyOf(first), recent.KeyOf(same));
  ExportRequest other = first;
  other.body = "Body";
  EXPECT_NE(recent.KeyOf(first), recent.KeyOf(other));
  other = first;
  other.project = "q";
  EXPECT_NE(recent.KeyOf(first), recent.KeyOf(other));
  other = first;
  other.encoding = otlp::Encoding::kJson;
  EXPECT_NE(recent.KeyOf(first), recent.KeyOf(other));
  other = first;
  other.signal = otlp::Signal::kLogs;
  EXPECT_NE(recent.KeyOf(first), recent.KeyOf(other));
}

TEST(RecentRequests, ForgetsAfterTenMinutesAtTheLatest) {
  RecentRequests recent{store::SegmentKey()};
  EXPECT_FALSE(recent.Contains(Key(1), kStart));
  recent.Insert(Key(1), kStart);
  EXPECT_TRUE(recent.Contains(Key(1), kStart));
  EXPECT_FALSE(recent.Contains(Key(2), kStart));
  EXPECT_TRUE(recent.Contains(Key(1), kStart + minutes(5)));
  EXPECT_TRUE(recent.Contains(Key(1), kStart + minutes(9)));
  EXPECT_FALSE(recent.Contains(Key(1), kStart + minutes(10)));

  recent.Insert(Key(1), kStart + minutes(10));
  EXPECT_FALSE(recent.Contains(Key(1), kStart + minutes(20)));
}

TEST(RecentRequests, ForgetsOnDemand) {
  RecentRequests recent{store::SegmentKey()};
  recent.Insert(Key(1), kStart);
  recent.Insert(Key(2), kStart + minutes(6));
  recent.Clear();
  EXPECT_FALSE(recent.Contains(Key(1), kStart + minutes(6)));
  EXPECT_FALSE(recent.Contains(Key(2), kStart + minutes(6)));
}

TEST(RecentRequests, RemembersAtMostTwoGenerations) {
  RecentRequests recent{store::SegmentKey()};
  for (std::uint64_t number = 0; number < 100'000; ++number) recent.Insert(Key(number), kStart);
  EXPECT_TRUE(recent.Contains(Key(50'000), kStart));
  EXPECT_TRUE(recent.Contains(Key(99'999), kStart));
  EXPECT_FALSE(recent.Contains(Key(49'999), kStart));
}

}  // namespace
}  // namespace nightjar::ingest
