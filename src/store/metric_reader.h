// Reads stored metrics: which there are, and the points of one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/metric.h"
#include "store/clickhouse.h"
#include "store/time_position.h"

namespace nightjar::store {

constexpr std::size_t kMetricListLimitMax = 1'000;
constexpr std::size_t kPointListLimitMax = 10'000;

// Of points of one name that differ in type, unit or description, those of the latest.
struct MetricSummary {
  std::string name;
  std::string type;  // as model::ToString writes it
  std::string unit;
  std::string description;
  std::uint64_t series_count = 0;
  UnixNanos last_seen_unix_ns = 0;  // the time of its latest point
};

struct PointFilter {
  std::string project;
  std::string name;
  UnixNanos from = 0;
  UnixNanos to = ~UnixNanos{0};  // exclusive
};

struct PointPage {
  model::MetricBatch batch;          // one metric a series, in the order in which they are met
  std::vector<UInt128> series;       // of batch.metrics
  std::optional<TimePosition> next;  // none: there are no more
};

// Thread-safe.
class MetricReader {
 public:
  // `options`: of every question that is asked.
  explicit MetricReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Up to `limit` metrics by name, those after `after`. REQUIRES: 0 < limit <= kMetricListLimitMax
  Result<std::vector<MetricSummary>> List(const std::string& project, std::size_t limit,
                                          const std::string& after) const;

  // Up to `limit` points of all series, the latest first, before `after` when it is given; of points that were sent
  // again the one that came last. REQUIRES: 0 < limit <= kPointListLimitMax
  Result<PointPage> ReadPoints(const PointFilter& filter, std::size_t limit,
                               const std::optional<TimePosition>& after) const;

 private:
  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
