#include "ingest/name_counts.h"

#include <gtest/gtest.h>

#include <string>

namespace nightjar::ingest {
namespace {

constexpr UnixNanos kHourNs = 3'600'000'000'000;
constexpr UnixNanos kNow = 500'000 * kHourNs + 1;

Telemetry OneSpan(const std::string& project, const std::string& service, const std::string& key) {
  model::SpanBatch batch;
  batch.resources.emplace_back().attributes.push_back({"service.name", service});
  model::Span& span = batch.spans.emplace_back();
  span.project = project;
  span.name = "chat";
  span.attributes.push_back({key, std::string("value")});
  return batch;
}

void ExpectOver(NameCounts& counts, UnixNanos now, const std::vector<std::string_view>& expected) {
  std::vector<std::string_view> over;
  for (const TooManyNames& names : counts.OverLimit(now)) over.push_back(names.what);
  EXPECT_EQ(over, expected);
}

TEST(DistinctCount, IsExactForFew) {
  DistinctCount count;
  EXPECT_EQ(count.Estimate(), 0);
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 10; ++i) count.Add(std::to_string(i));
  EXPECT_EQ(count.Estimate(), 10);
}

TEST(DistinctCount, IsWithinFivePercent) {
  DistinctCount count;
  std::uint64_t added = 0;
  for (const std::uint64_t step : {1'000, 10'000, 100'000, 1'000'000}) {
    for (; added < step; ++added) count.Add("name " + std::to_string(added));
    EXPECT_NEAR(static_cast<double>(count.Estimate()), static_cast<double>(step), 0.05 * static_cast<double>(step));
  }
}

TEST(NameCounts, TellsWhatIsOverItsLimit) {
  NameCounts counts;
  for (int i = 0; i < 900; ++i) counts.Add(OneSpan("project", "service " + std::to_string(i), "key"), kNow);
  ExpectOver(counts, kNow, {});
  for (int i = 0; i < 1200; ++i) counts.Add(OneSpan("project", "service " + std::to_string(i), "key"), kNow);
  ExpectOver(counts, kNow, {"service names"});
  for (int i = 0; i < 1200; ++i) counts.Add(OneSpan("project " + std::to_string(i), "service", "key"), kNow);
  ExpectOver(counts, kNow, {"projects", "service names"});
  for (int i = 0; i < 11'000; ++i) counts.Add(OneSpan("project", "service", "key " + std::to_string(i)), kNow);
  ExpectOver(counts, kNow, {"projects", "service names", "attribute keys"});
}

TEST(NameCounts, ForgetsAfterTheNextHour) {
  NameCounts counts;
  for (int i = 0; i < 1200; ++i) counts.Add(OneSpan("project", "service " + std::to_string(i), "key"), kNow);
  ExpectOver(counts, kNow + kHourNs, {"service names"});
  ExpectOver(counts, kNow + 2 * kHourNs, {});

  for (int i = 0; i < 1200; ++i) counts.Add(OneSpan("project", "service " + std::to_string(i), "key"), kNow);
  ExpectOver(counts, kNow, {"service names"});  // the clock was set back
  ExpectOver(counts, kNow + 100 * kHourNs, {});
}

}  // namespace
}  // namespace nightjar::ingest
