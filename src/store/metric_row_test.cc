#include "store/metric_row.h"

#include <gtest/gtest.h>

namespace nightjar::store {
namespace {

// 2026-11-23 is day 20,780.
constexpr UnixNanos kNow = 20'780 * UnixNanos{86'400'000'000'000};

struct Origins {
  model::Resource resource;
  model::Scope scope;
};

UInt128 SeriesOf(const model::Metric& metric, const model::Attributes& attributes, const Origins& origins = {}) {
  model::MetricBatch batch{.resources = {origins.resource}, .scopes = {origins.scope}, .metrics = {metric}};
  batch.points.push_back({.attributes = attributes, .time_unix_ns = kNow});
  return MakeMetricRows(std::move(batch), SegmentKey(), kNow).points.at(0).series;
}

TEST(MetricRow, PointsOfOneSeriesShareItsHash) {
  const model::Metric metric = {.name = "requests", .description = "a", .unit = "1", .type = model::MetricType::kSum};
  const UInt128 series = SeriesOf(metric, {{"a", true}, {"b", "x"}});
  EXPECT_EQ(SeriesOf(metric, {{"b", "x"}, {"a", true}}), series);  // in another order

  model::Metric other = metric;
  other.description = "b";
  EXPECT_EQ(SeriesOf(other, {{"a", true}, {"b", "x"}}), series);
  other = metric;
  other.type = model::MetricType::kGauge;
  EXPECT_NE(SeriesOf(other, {{"a", true}, {"b", "x"}}), series);
  EXPECT_NE(SeriesOf(metric, {{"a", true}, {"b", std::int64_t{1}}}), series);
  EXPECT_NE(SeriesOf(metric, {{"a", true}, {"b", "x"}}, {.resource = {.attributes = {{"host", "h"}}}}), series);
  EXPECT_NE(SeriesOf(metric, {{"a", true}, {"b", "x"}}, {.scope = {.name = "lib"}}), series);
  EXPECT_EQ(SeriesOf(metric, {{"a", true}, {"b", "x"}}, {.resource = {.schema_url = "u"}}), series);
}

}  // namespace
}  // namespace nightjar::store
