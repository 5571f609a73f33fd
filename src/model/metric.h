// Metrics and their data points, with OTLP's fields and nothing derived.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "model/span.h"

namespace nightjar::model {

enum class MetricType : std::int32_t { kGauge = 0, kSum, kHistogram, kExponentialHistogram, kSummary };
// "gauge", "sum", "histogram", "exponential_histogram", "summary".
std::string_view ToString(MetricType type);

// OTLP's numbers; a number outside the enum is kept as it came.
enum class Temporality : std::int32_t { kUnspecified = 0, kDelta, kCumulative };

struct Metric {
  std::string project;
  std::string name;
  std::string description;
  std::string unit;  // UCUM, as sent
  MetricType type = MetricType::kGauge;
  Temporality temporality = Temporality::kUnspecified;  // of sums and histograms
  bool monotonic = false;                               // of sums
  Attributes metadata;
  std::uint32_t resource = 0;  // index into MetricBatch::resources
  std::uint32_t scope = 0;     // index into MetricBatch::scopes
  bool operator==(const Metric&) const = default;
};

// Of gauges, sums and exemplars. Monostate: no value was set.
using Number = std::variant<std::monostate, std::int64_t, double>;

struct Exemplar {
  UnixNanos time_unix_ns = 0;
  Number value;
  TraceId trace_id;  // all zero: not part of a trace
  SpanId span_id;
  Attributes filtered_attributes;
  bool operator==(const Exemplar&) const = default;
};

// Both lists are empty, or bucket_counts is one longer. The bounds ascend; no two are equal.
struct HistogramValue {
  std::uint64_t count = 0;
  std::optional<double> sum, min, max;
  std::vector<std::uint64_t> bucket_counts;
  std::vector<double> explicit_bounds;
  bool operator==(const HistogramValue&) const = default;
};

// Bucket i of `positive` counts the values in (base^(offset+i), base^(offset+i+1)] with base = 2^(2^-scale).
struct ExponentialHistogramValue {
  struct Buckets {
    std::int32_t offset = 0;
    std::vector<std::uint64_t> counts;
    bool operator==(const Buckets&) const = default;
  };
  std::uint64_t count = 0;
  std::optional<double> sum, min, max;
  std::int32_t scale = 0;
  std::uint64_t zero_count = 0;
  double zero_threshold = 0;
  Buckets positive, negative;
  bool operator==(const ExponentialHistogramValue&) const = default;
};

struct SummaryValue {
  struct Quantile {
    double quantile = 0;  // 0 to 1 by the specification; not checked
    double value = 0;
    bool operator==(const Quantile&) const = default;
  };
  std::uint64_t count = 0;
  double sum = 0;
  std::vector<Quantile> quantiles;
  bool operator==(const SummaryValue&) const = default;
};

struct MetricPoint {
  std::uint32_t metric = 0;  // index into MetricBatch::metrics
  Attributes attributes;
  UnixNanos start_time_unix_ns = 0;  // 0: not known
  UnixNanos time_unix_ns = 0;
  std::uint32_t flags = 0;  // bit 0: no recorded value
  std::variant<Number, HistogramValue, ExponentialHistogramValue, SummaryValue> value;
  std::vector<Exemplar> exemplars;
  bool operator==(const MetricPoint&) const = default;
};

// Points with the metrics, resources and scopes they share. Some of those may have no point.
struct MetricBatch {
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  std::vector<Metric> metrics;
  std::vector<MetricPoint> points;

  [[nodiscard]] const Metric& metric_of(const MetricPoint& point) const { return metrics[point.metric]; }
};

}  // namespace nightjar::model
