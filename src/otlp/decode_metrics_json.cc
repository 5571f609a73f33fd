#include <optional>
#include <type_traits>

#include "otlp/decode_metrics.h"
#include "otlp/internal/json_request.h"

namespace nightjar::otlp {
namespace {

using internal::Batch;
using internal::ForEachField;
using internal::ForEachItem;
using internal::JsonValue;
using internal::ReadDouble;
using internal::ReadInteger;
using model::MetricType;

std::optional<MetricType> TypeOfKey(std::string_view key) {
  if (key == "gauge") return MetricType::kGauge;
  if (key == "sum") return MetricType::kSum;
  if (key == "histogram") return MetricType::kHistogram;
  if (key == "exponentialHistogram") return MetricType::kExponentialHistogram;
  if (key == "summary") return MetricType::kSummary;
  return std::nullopt;
}

class MetricReader {
 public:
  MetricReader(Batch<DecodedMetrics>& batch, internal::JsonValues& values)
      : batch_(batch), counters_(batch.counters()), values_(values) {}

  void Read(JsonValue& value, internal::Origin origin) {
    const auto begin = batch_.here();
    const std::uint32_t index = batch_.AddMetric();
    model::Metric& metric = batch_.metric(index);
    metric.resource = origin.resource;
    metric.scope = origin.scope;
    std::string reason;  // not empty: the metric was refused, and its points with it
    std::string data_reason;
    ForEachField(value, "an element of metrics", [&](std::string_view key, JsonValue& field) {
      if (const auto type = TypeOfKey(key)) {
        internal::SetType(metric, *type);
        batch_.ForgetSince(begin);  // the kinds are a oneof: of several the last wins
        data_reason = ReadData(field, key, index);
      } else {
        internal::Attempt(reason, [&] { ReadMetricField(key, field, metric); });
      }
    });
    if (metric.name.empty() && reason.empty()) reason = internal::kMetricHasNoName;
    batch_.RejectSince(begin, reason.empty() ? std::move(data_reason) : std::move(reason));
  }

 private:
  void ReadMetricField(std::string_view key, JsonValue& field, model::Metric& metric) {
    if (key == "name") {
      metric.name = values_.ReadString(field, key);
    } else if (key == "description") {
      metric.description = values_.ReadString(field, key);
    } else if (key == "unit") {
      metric.unit = values_.ReadString(field, key);
    } else if (key == "metadata") {
      metric.metadata = values_.ReadAttributes(field, key);
    }
  }

  // Why all points are refused, or nothing.
  std::string ReadData(JsonValue value, std::string_view what, std::uint32_t index) {
    const auto begin = batch_.here();
    model::Metric& metric = batch_.metric(index);
    const bool has_temporality = metric.type != MetricType::kGauge && metric.type != MetricType::kSummary;
    std::string reason;
    ForEachField(value, what, [&](std::string_view key, JsonValue& field) {
      if (key == "dataPoints") {
        batch_.ForgetSince(begin);
        ForEachItem(field, key, [&](JsonValue& item) {
          batch_.AddItem([&](model::MetricPoint& point) {
            point.metric = index;
            ReadPoint(item, metric.type, point);
          });
        });
      } else if (key == "aggregationTemporality" && has_temporality) {
        internal::Attempt(
            reason, [&] { metric.temporality = static_cast<model::Temporality>(internal::ReadEnum(field, key)); });
      } else if (key == "isMonotonic" && metric.type == MetricType::kSum) {
        internal::Attempt(reason, [&] { metric.monotonic = internal::ReadBool(field, key); });
      }
    });
    return reason;
  }

  void ReadPoint(JsonValue& value, MetricType type, model::MetricPoint& point) {
    switch (type) {
      case MetricType::kGauge:
      case MetricType::kSum: ReadPointOf<model::Number>(value, point); break;
      case MetricType::kHistogram: internal::CheckBuckets(ReadPointOf<model::HistogramValue>(value, point)); break;
      case MetricType::kExponentialHistogram: ReadPointOf<model::ExponentialHistogramValue>(value, point); break;
      case MetricType::kSummary: ReadPointOf<model::SummaryValue>(value, point); break;
    }
  }

  template <typename PointValue>
  const PointValue& ReadPointOf(JsonValue& value, model::MetricPoint& point) {
    auto& point_value = point.value.emplace<PointValue>();
    ForEachField(value, "a data point", [&](std::string_view key, JsonValue& field) {
      if (key == "attributes") {
        point.attributes = values_.ReadAttributes(field, key);
      } else if (key == "startTimeUnixNano") {
        point.start_time_unix_ns = ReadInteger<std::uint64_t>(field, key);
      } else if (key == "timeUnixNano") {
        point.time_unix_ns = ReadInteger<std::uint64_t>(field, key);
      } else if (key == "flags") {
        point.flags = ReadInteger<std::uint32_t>(field, key);
      } else if (key == "exemplars" && !std::is_same_v<PointValue, model::SummaryValue>) {
        point.exemplars.clear();
        ForEachItem(field, key, [&](JsonValue& item) { AppendExemplar(item, point.exemplars); });
      } else {
        ReadPointField(key, field, point_value);
      }
    });
    return point_value;
  }

  void ReadPointField(std::string_view key, JsonValue& field, model::Number& number) {
    if (key == "asDouble") {
      number = ReadDouble(field, key);
    } else if (key == "asInt") {
      number = ReadInteger<std::int64_t>(field, key);
    }
  }

  void ReadPointField(std::string_view key, JsonValue& field, model::HistogramValue& histogram) {
    if (key == "count") {
      histogram.count = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "sum") {
      histogram.sum = ReadDouble(field, key);
    } else if (key == "min") {
      histogram.min = ReadDouble(field, key);
    } else if (key == "max") {
      histogram.max = ReadDouble(field, key);
    } else if (key == "bucketCounts") {
      histogram.bucket_counts = ReadList(field, key, ReadInteger<std::uint64_t>);
    } else if (key == "explicitBounds") {
      histogram.explicit_bounds = ReadList(field, key, ReadDouble);
    }
  }

  void ReadPointField(std::string_view key, JsonValue& field, model::ExponentialHistogramValue& histogram) {
    if (key == "count") {
      histogram.count = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "sum") {
      histogram.sum = ReadDouble(field, key);
    } else if (key == "min") {
      histogram.min = ReadDouble(field, key);
    } else if (key == "max") {
      histogram.max = ReadDouble(field, key);
    } else if (key == "scale") {
      histogram.scale = ReadInteger<std::int32_t>(field, key);
    } else if (key == "zeroCount") {
      histogram.zero_count = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "zeroThreshold") {
      histogram.zero_threshold = ReadDouble(field, key);
    } else if (key == "positive") {
      histogram.positive = ReadBuckets(field, key);
    } else if (key == "negative") {
      histogram.negative = ReadBuckets(field, key);
    }
  }

  void ReadPointField(std::string_view key, JsonValue& field, model::SummaryValue& summary) {
    if (key == "count") {
      summary.count = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "sum") {
      summary.sum = ReadDouble(field, key);
    } else if (key == "quantileValues") {
      summary.quantiles = ReadList(field, key, ReadQuantile);
    }
  }

  model::ExponentialHistogramValue::Buckets ReadBuckets(JsonValue value, std::string_view what) {
    model::ExponentialHistogramValue::Buckets buckets;
    ForEachField(value, what, [&](std::string_view key, JsonValue& field) {
      if (key == "offset") {
        buckets.offset = ReadInteger<std::int32_t>(field, key);
      } else if (key == "bucketCounts") {
        buckets.counts = ReadList(field, key, ReadInteger<std::uint64_t>);
      }
    });
    return buckets;
  }

  static model::SummaryValue::Quantile ReadQuantile(JsonValue& value, std::string_view) {
    model::SummaryValue::Quantile quantile;
    ForEachField(value, "an element of quantileValues", [&](std::string_view key, JsonValue& field) {
      if (key == "quantile") {
        quantile.quantile = ReadDouble(field, key);
      } else if (key == "value") {
        quantile.value = ReadDouble(field, key);
      }
    });
    return quantile;
  }

  void AppendExemplar(JsonValue value, std::vector<model::Exemplar>& exemplars) {
    counters_.CountValues(1);
    model::Exemplar& exemplar = exemplars.emplace_back();
    std::string_view trace_id;
    std::string_view span_id;
    ForEachField(value, "an exemplar", [&](std::string_view key, JsonValue& field) {
      if (key == "timeUnixNano") {
        exemplar.time_unix_ns = ReadInteger<std::uint64_t>(field, key);
      } else if (key == "traceId") {
        trace_id = internal::ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = internal::ReadPlainText(field, key);
      } else if (key == "filteredAttributes") {
        exemplar.filtered_attributes = values_.ReadAttributes(field, key);
      } else {
        ReadPointField(key, field, exemplar.value);
      }
    });
    exemplar.trace_id = internal::HexToOptionalId<TraceId>(trace_id, "traceId of an exemplar");
    exemplar.span_id = internal::HexToOptionalId<SpanId>(span_id, "spanId of an exemplar");
  }

  template <typename Element>
  std::vector<Element> ReadList(JsonValue value, std::string_view what,
                                Element (*read)(JsonValue& item, std::string_view what)) {
    std::vector<Element> elements;
    ForEachItem(value, what, [&](JsonValue& item) {
      counters_.CountValues(1);
      elements.push_back(read(item, what));
    });
    return elements;
  }

  Batch<DecodedMetrics>& batch_;
  internal::Counters& counters_;
  internal::JsonValues& values_;
};

}  // namespace

Result<DecodedMetrics> DecodeMetricsJson(std::string_view body) {
  return internal::DecodeJson<DecodedMetrics, MetricReader>(
      body, {"ExportMetricsServiceRequest", "resourceMetrics", "scopeMetrics", "metrics"});
}

}  // namespace nightjar::otlp
