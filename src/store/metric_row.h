// Data points on their way into the table, with the metrics they share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/metric.h"
#include "store/native_writer.h"
#include "store/segment.h"

namespace nightjar::store {

struct MetricRow {
  model::Metric metric;
  std::string resource;  // canonical JSON text of the resource
  std::string scope;     // … of the instrumentation scope
};

struct PointRow {
  model::MetricPoint point;
  // Of what tells one line on a chart from another: the metric's name, type, unit and temporality, and the attributes
  // of resource, scope and point, in whatever order they came.
  UInt128 series;
  std::uint16_t day = 0;
};

struct MetricRows {
  std::vector<MetricRow> metrics;
  std::vector<PointRow> points;  // their `metric` is an index into `metrics`

  [[nodiscard]] const MetricRow& metric_of(const PointRow& row) const { return metrics[row.point.metric]; }
};

MetricRows MakeMetricRows(model::MetricBatch batch, const SegmentKey& key, UnixNanos now_unix_ns);

// About what the rows hold in memory.
std::size_t MemoryBytes(const MetricRows& rows);

}  // namespace nightjar::store
