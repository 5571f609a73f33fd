#include "ingest/refusals.h"

#include <gtest/gtest.h>

#include <string>

namespace nightjar::ingest {
namespace {

Refusal At(UnixNanos time, std::string remote = "10.0.0.1:5000", std::string reason = "too large") {
  return {.time_unix_ns = time,
          .status = 413,
          .path = "/v1/traces",
          .remote = std::move(remote),
          .reason = std::move(reason),
          .fix = "",
          .signal = otlp::Signal::kTraces};
}

TEST(RefusalLog, CountsRepeatsOfOneSender) {
  RefusalLog log;
  log.Add(At(1));
  log.Add(At(2, "10.0.0.2:5000"));
  log.Add(At(3, "10.0.0.1:6000"));
  const auto rows = log.Newest();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].count, 2U);
  EXPECT_EQ(rows[0].first_time_unix_ns, 1U);
  EXPECT_EQ(rows[0].last.time_unix_ns, 3U);
  EXPECT_EQ(rows[0].last.remote, "10.0.0.1:6000");
  EXPECT_EQ(rows[1].count, 1U);
}

TEST(RefusalLog, KeepsWhatDiffersApart) {
  RefusalLog log;
  log.Add(At(1));
  log.Add(At(2, "10.0.0.1:5000", "malformed"));
  Refusal other_path = At(3);
  other_path.path = "/v1/logs";
  log.Add(other_path);
  Refusal other_status = At(4);
  other_status.status = 200;
  log.Add(other_status);
  EXPECT_EQ(log.Newest().size(), 4U);
  EXPECT_EQ(log.Newest().front().last.status, 200);
}

TEST(RefusalLog, ForgetsTheOldest) {
  RefusalLog log;
  for (int i = 0; i < 101; ++i) log.Add(At(static_cast<UnixNanos>(i), "10.0.0.1:1", std::to_string(i)));
  const auto rows = log.Newest();
  ASSERT_EQ(rows.size(), 100U);
  EXPECT_EQ(rows.front().last.reason, "100");
  EXPECT_EQ(rows.back().last.reason, "1");
}

TEST(RefusalLog, TextFromOutsideIsMendedAndShortened) {
  RefusalLog log;
  log.Add(At(1, "10.0.0.1:1", "\xff" + std::string(600, 'x')));
  EXPECT_EQ(log.Newest().front().last.reason, "\uFFFD" + std::string(499, 'x') + "…");
}

}  // namespace
}  // namespace nightjar::ingest
