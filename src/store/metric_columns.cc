#include "store/metric_columns.h"

#include <optional>
#include <variant>

#include <utility>

#include "store/id_columns.h"
#include "store/origin_text.h"

namespace nightjar::store {
namespace {

template <typename T>
const T* Pointer(const std::optional<T>& value) {
  return value ? &*value : nullptr;
}

class SeriesColumns {
 public:
  void Add(const MetricRow& row, const PointRow& point, std::uint64_t seq) {
    const model::Metric& metric = row.metric;
    project_.Add(metric.project);
    day_.Add(point.day);
    name_.Add(metric.name);
    series_.Add(point.series);
    start_time_.Add(point.point.start_time_unix_ns);
    time_.Add(point.point.time_unix_ns);
    seq_.Add(seq);
    type_.Add(ToString(metric.type));
    unit_.Add(metric.unit);
    description_.Add(metric.description);
    temporality_.Add(static_cast<std::int32_t>(metric.temporality));
    monotonic_.Add(metric.monotonic);
    metadata_.Add(AttributesText(metric.metadata));
    resource_.Add(row.resource);
    scope_.Add(row.scope);
    attributes_.Add(AttributesText(point.point.attributes));
    flags_.Add(point.point.flags);
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("project", "LowCardinality(String)", project_);
    block.Add("day", "UInt16", day_);
    block.Add("name", "LowCardinality(String)", name_);
    block.Add("series", "UInt128", series_);
    block.Add("start_time_unix_ns", "UInt64", start_time_);
    block.Add("time_unix_ns", "UInt64", time_);
    block.Add("seq", "UInt64", seq_);
    block.Add("type", "LowCardinality(String)", type_);
    block.Add("unit", "LowCardinality(String)", unit_);
    block.Add("description", "LowCardinality(String)", description_);
    block.Add("temporality", "Int32", temporality_);
    block.Add("monotonic", "UInt8", monotonic_);
    block.Add("metadata", "LowCardinality(String)", metadata_);
    block.Add("resource", "LowCardinality(String)", resource_);
    block.Add("scope", "LowCardinality(String)", scope_);
    block.Add("attributes", "LowCardinality(String)", attributes_);
    block.Add("flags", "UInt32", flags_);
  }

 private:
  LowCardinalityColumn project_, name_, type_, unit_, description_, metadata_, resource_, scope_, attributes_;
  FixedColumn<std::uint16_t> day_;
  FixedColumn<UInt128> series_;
  FixedColumn<std::uint64_t> start_time_, time_, seq_;
  FixedColumn<std::int32_t> temporality_;
  FixedColumn<std::uint8_t> monotonic_;
  FixedColumn<std::uint32_t> flags_;
};

// Numbers of all types side by side; those that a point's type does not have are at their default.
class ValueColumns {
 public:
  void Add(const decltype(model::MetricPoint::value)& value) {
    const auto* number = std::get_if<model::Number>(&value);
    int_value_.Add(number ? std::get_if<std::int64_t>(number) : nullptr);
    double_value_.Add(number ? std::get_if<double>(number) : nullptr);
    const auto* histogram = std::get_if<model::HistogramValue>(&value);
    const auto* exponential = std::get_if<model::ExponentialHistogramValue>(&value);
    const auto* summary = std::get_if<model::SummaryValue>(&value);
    AddTotals(histogram, exponential, summary);
    AddBuckets(histogram ? *histogram : model::HistogramValue());
    AddExponential(exponential ? *exponential : model::ExponentialHistogramValue());
    if (summary)
      for (const auto& [quantile, at] : summary->quantiles) {
        quantiles_.items.Add(quantile);
        quantile_values_.items.Add(at);
      }
    quantiles_.EndRow();
    quantile_values_.EndRow();
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("int_value", "Nullable(Int64)", int_value_);
    block.Add("double_value", "Nullable(Float64)", double_value_);
    block.Add("count", "UInt64", count_);
    block.Add("sum", "Nullable(Float64)", sum_);
    block.Add("min", "Nullable(Float64)", min_);
    block.Add("max", "Nullable(Float64)", max_);
    block.Add("bucket_counts", "Array(UInt64)", bucket_counts_);
    block.Add("explicit_bounds", "Array(Float64)", explicit_bounds_);
    block.Add("scale", "Int32", scale_);
    block.Add("zero_count", "UInt64", zero_count_);
    block.Add("zero_threshold", "Float64", zero_threshold_);
    block.Add("positive_offset", "Int32", positive_offset_);
    block.Add("positive_counts", "Array(UInt64)", positive_counts_);
    block.Add("negative_offset", "Int32", negative_offset_);
    block.Add("negative_counts", "Array(UInt64)", negative_counts_);
    block.Add("quantiles", "Array(Float64)", quantiles_);
    block.Add("quantile_values", "Array(Float64)", quantile_values_);
  }

 private:
  void AddTotals(const model::HistogramValue* histogram, const model::ExponentialHistogramValue* exponential,
                 const model::SummaryValue* summary) {
    const auto add = [&](std::uint64_t count, const double* sum, const double* min, const double* max) {
      count_.Add(count);
      sum_.Add(sum);
      min_.Add(min);
      max_.Add(max);
    };
    if (histogram) {
      add(histogram->count, Pointer(histogram->sum), Pointer(histogram->min), Pointer(histogram->max));
    } else if (exponential) {
      add(exponential->count, Pointer(exponential->sum), Pointer(exponential->min), Pointer(exponential->max));
    } else if (summary) {
      add(summary->count, &summary->sum, nullptr, nullptr);
    } else {
      add(0, nullptr, nullptr, nullptr);
    }
  }
  void AddBuckets(const model::HistogramValue& histogram) {
    for (const std::uint64_t count : histogram.bucket_counts) bucket_counts_.items.Add(count);
    for (const double bound : histogram.explicit_bounds) explicit_bounds_.items.Add(bound);
    bucket_counts_.EndRow();
    explicit_bounds_.EndRow();
  }
  void AddExponential(const model::ExponentialHistogramValue& histogram) {
    scale_.Add(histogram.scale);
    zero_count_.Add(histogram.zero_count);
    zero_threshold_.Add(histogram.zero_threshold);
    positive_offset_.Add(histogram.positive.offset);
    for (const std::uint64_t count : histogram.positive.counts) positive_counts_.items.Add(count);
    positive_counts_.EndRow();
    negative_offset_.Add(histogram.negative.offset);
    for (const std::uint64_t count : histogram.negative.counts) negative_counts_.items.Add(count);
    negative_counts_.EndRow();
  }

  NullableColumn<std::int64_t> int_value_;
  NullableColumn<double> double_value_, sum_, min_, max_;
  FixedColumn<std::uint64_t> count_, zero_count_;
  FixedColumn<std::int32_t> scale_, positive_offset_, negative_offset_;
  FixedColumn<double> zero_threshold_;
  ArrayColumn<FixedColumn<std::uint64_t>> bucket_counts_, positive_counts_, negative_counts_;
  ArrayColumn<FixedColumn<double>> explicit_bounds_, quantiles_, quantile_values_;
};

class ExemplarColumns {
 public:
  void Add(const std::vector<model::Exemplar>& exemplars) {
    for (const model::Exemplar& exemplar : exemplars) {
      times_.items.Add(exemplar.time_unix_ns);
      ints_.items.Add(std::get_if<std::int64_t>(&exemplar.value));
      doubles_.items.Add(std::get_if<double>(&exemplar.value));
      trace_ids_.items.Add(exemplar.trace_id.bytes);
      span_ids_.items.Add(SpanIdNumber(exemplar.span_id));
      attributes_.items.Add(AttributesText(exemplar.filtered_attributes));
    }
    times_.EndRow();
    ints_.EndRow();
    doubles_.EndRow();
    trace_ids_.EndRow();
    span_ids_.EndRow();
    attributes_.EndRow();
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("exemplar_times", "Array(UInt64)", times_);
    block.Add("exemplar_ints", "Array(Nullable(Int64))", ints_);
    block.Add("exemplar_doubles", "Array(Nullable(Float64))", doubles_);
    block.Add("exemplar_trace_ids", "Array(FixedString(16))", trace_ids_);
    block.Add("exemplar_span_ids", "Array(UInt64)", span_ids_);
    block.Add("exemplar_attributes", "Array(String)", attributes_);
  }

 private:
  ArrayColumn<FixedColumn<std::uint64_t>> times_, span_ids_;
  ArrayColumn<NullableColumn<std::int64_t>> ints_;
  ArrayColumn<NullableColumn<double>> doubles_;
  ArrayColumn<FixedColumn<TraceIdBytes>> trace_ids_;
  ArrayColumn<StringColumn> attributes_;
};

}  // namespace

InsertBlock EncodePoints(std::span<const MetricRows* const> batches, std::uint64_t first_seq) {
  SeriesColumns series;
  ValueColumns values;
  ExemplarColumns exemplars;
  std::uint64_t seq = first_seq;
  for (const MetricRows* batch : batches)
    for (const PointRow& row : batch->points) {
      series.Add(batch->metric_of(row), row, seq++);
      values.Add(row.point.value);
      exemplars.Add(row.point.exemplars);
    }
  NativeBlockWriter block;
  series.Put(block);
  values.Put(block);
  exemplars.Put(block);
  return MakeInsert("nightjar.metric_points", std::move(block));
}

}  // namespace nightjar::store
