#include "store/metric_reader.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/origin_text.h"

namespace nightjar::store {
namespace {

constexpr const char* kColumns =
    "project, name, series, start_time_unix_ns, time_unix_ns, type, unit, description, temporality, monotonic, "
    "metadata, "
    "resource, scope, attributes, flags, int_value, double_value, count, sum, min, max, bucket_counts, "
    "explicit_bounds, "
    "scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts, quantiles, "
    "quantile_values, exemplar_times, exemplar_ints, exemplar_doubles, exemplar_trace_ids, exemplar_span_ids, "
    "exemplar_attributes";

Result<model::MetricType> TypeOf(std::string_view word) {
  using enum model::MetricType;
  for (const model::MetricType type : {kGauge, kSum, kHistogram, kExponentialHistogram, kSummary})
    if (ToString(type) == word) return type;
  return Fail(ErrorCode::kDataLoss, fmt::format("a stored metric has the type \"{}\"", word));
}

std::optional<double> Optional(const NativeColumn& column, std::size_t row) {
  if (column.IsNull(row)) return std::nullopt;
  return column.Fixed<double>(row);
}

model::Number NumberOf(const NativeColumn& ints, const NativeColumn& doubles, std::size_t row) {
  if (!ints.IsNull(row)) return ints.Fixed<std::int64_t>(row);
  if (!doubles.IsNull(row)) return doubles.Fixed<double>(row);
  return {};
}

template <typename T>
std::vector<T> List(const NativeColumn& column, std::size_t row) {
  std::vector<T> items;
  for (std::size_t i = column.begin(row); i < column.end(row); ++i) items.push_back(column.item_column(0).Fixed<T>(i));
  return items;
}

class BlockReader {
 public:
  explicit BlockReader(const NativeBlock& block) {
    for (const NativeColumn& column : block.columns) columns_.emplace(column.name, &column);
  }

  // All but the places of its resource and scope.
  Result<model::Metric> ReadMetric(std::size_t row) const {
    model::Metric metric;
    metric.project = Text("project", row);
    metric.name = Text("name", row);
    metric.description = Text("description", row);
    metric.unit = Text("unit", row);
    ASSIGN_OR_RETURN(metric.type, TypeOf(Text("type", row)));
    metric.temporality = static_cast<model::Temporality>(Fixed<std::int32_t>("temporality", row));
    metric.monotonic = Fixed<std::uint8_t>("monotonic", row) != 0;
    ASSIGN_OR_RETURN(metric.metadata, ParseAttributes(Text("metadata", row)));
    return metric;
  }

  // All but the place of its metric.
  Result<model::MetricPoint> ReadPoint(model::MetricType type, std::size_t row) const {
    model::MetricPoint point;
    ASSIGN_OR_RETURN(point.attributes, ParseAttributes(Text("attributes", row)));
    point.start_time_unix_ns = Fixed<std::uint64_t>("start_time_unix_ns", row);
    point.time_unix_ns = Fixed<std::uint64_t>("time_unix_ns", row);
    point.flags = Fixed<std::uint32_t>("flags", row);
    point.value = ReadValue(type, row);
    ASSIGN_OR_RETURN(point.exemplars, ReadExemplars(row));
    return point;
  }

  const NativeColumn& Column(std::string_view name) const { return *columns_.at(name); }
  std::string_view Text(std::string_view name, std::size_t row) const { return Column(name).Text(row); }
  template <typename T>
  T Fixed(std::string_view name, std::size_t row) const {
    return Column(name).Fixed<T>(row);
  }

 private:
  decltype(model::MetricPoint::value) ReadValue(model::MetricType type, std::size_t row) const {
    switch (type) {
      case model::MetricType::kHistogram:
        return model::HistogramValue{.count = Fixed<std::uint64_t>("count", row),
                                     .sum = Optional(Column("sum"), row),
                                     .min = Optional(Column("min"), row),
                                     .max = Optional(Column("max"), row),
                                     .bucket_counts = List<std::uint64_t>(Column("bucket_counts"), row),
                                     .explicit_bounds = List<double>(Column("explicit_bounds"), row)};
      case model::MetricType::kExponentialHistogram: return ReadExponential(row);
      case model::MetricType::kSummary: return ReadSummary(row);
      case model::MetricType::kGauge:
      case model::MetricType::kSum: break;
    }
    return NumberOf(Column("int_value"), Column("double_value"), row);
  }

  model::ExponentialHistogramValue ReadExponential(std::size_t row) const {
    return {.count = Fixed<std::uint64_t>("count", row),
            .sum = Optional(Column("sum"), row),
            .min = Optional(Column("min"), row),
            .max = Optional(Column("max"), row),
            .scale = Fixed<std::int32_t>("scale", row),
            .zero_count = Fixed<std::uint64_t>("zero_count", row),
            .zero_threshold = Fixed<double>("zero_threshold", row),
            .positive = {.offset = Fixed<std::int32_t>("positive_offset", row),
                         .counts = List<std::uint64_t>(Column("positive_counts"), row)},
            .negative = {.offset = Fixed<std::int32_t>("negative_offset", row),
                         .counts = List<std::uint64_t>(Column("negative_counts"), row)}};
  }

  model::SummaryValue ReadSummary(std::size_t row) const {
    model::SummaryValue summary{.count = Fixed<std::uint64_t>("count", row), .sum = Fixed<double>("sum", row)};
    const NativeColumn& quantiles = Column("quantiles");
    for (std::size_t i = quantiles.begin(row); i < quantiles.end(row); ++i)
      summary.quantiles.push_back(
          {quantiles.item_column(0).Fixed<double>(i), Column("quantile_values").item_column(0).Fixed<double>(i)});
    return summary;
  }

  Result<std::vector<model::Exemplar>> ReadExemplars(std::size_t row) const {
    const auto item = [&](std::string_view name) -> const NativeColumn& { return Column(name).item_column(0); };
    std::vector<model::Exemplar> exemplars;
    const NativeColumn& times = Column("exemplar_times");
    for (std::size_t i = times.begin(row); i < times.end(row); ++i) {
      model::Exemplar& exemplar = exemplars.emplace_back();
      exemplar.time_unix_ns = item("exemplar_times").Fixed<std::uint64_t>(i);
      exemplar.value = NumberOf(item("exemplar_ints"), item("exemplar_doubles"), i);
      exemplar.trace_id = *TraceId::FromBytes(item("exemplar_trace_ids").Text(i));
      exemplar.span_id = SpanIdFromNumber(item("exemplar_span_ids").Fixed<std::uint64_t>(i));
      ASSIGN_OR_RETURN(exemplar.filtered_attributes, ParseAttributes(item("exemplar_attributes").Text(i)));
    }
    return exemplars;
  }

  std::map<std::string_view, const NativeColumn*> columns_;
};

// Puts rows together as series with their points.
class PageBuilder {
 public:
  Result<void> Add(const BlockReader& block, std::size_t row) {
    const auto series = block.Fixed<UInt128>("series", row);
    const auto [known, is_new] = metric_of_.emplace(series, static_cast<std::uint32_t>(page_.series.size()));
    if (is_new) {
      ASSIGN_OR_RETURN(model::Metric metric, block.ReadMetric(row));
      ASSIGN_OR_RETURN(metric.resource, resources_.IndexOf(block.Text("resource", row)));
      ASSIGN_OR_RETURN(metric.scope, scopes_.IndexOf(block.Text("scope", row)));
      page_.batch.metrics.push_back(std::move(metric));
      page_.series.push_back(series);
    }
    ASSIGN_OR_RETURN(model::MetricPoint point, block.ReadPoint(page_.batch.metrics[known->second].type, row));
    point.metric = known->second;
    last_ = {point.time_unix_ns, series};
    page_.batch.points.push_back(std::move(point));
    return {};
  }
  // Nothing before the first Add().
  [[nodiscard]] const TimePosition& last() const { return last_; }
  PointPage& page() { return page_; }

 private:
  PointPage page_;
  OriginPool<model::Resource> resources_{ParseResource, page_.batch.resources};
  OriginPool<model::Scope> scopes_{ParseScope, page_.batch.scopes};
  std::map<UInt128, std::uint32_t> metric_of_;
  TimePosition last_;
};

}  // namespace

Result<std::vector<MetricSummary>> MetricReader::List(const std::string& project, std::size_t limit,
                                                      const std::string& after) const {
  CHECK(limit > 0 && limit <= kMetricListLimitMax);
  const std::string sql = fmt::format(
      "SELECT toString(name) AS metric, toString(argMax(type, (time_unix_ns, seq))), "
      "toString(argMax(unit, (time_unix_ns, seq))), toString(argMax(description, (time_unix_ns, seq))), "
      "uniqExact(series), max(time_unix_ns) FROM nightjar.metric_points "
      "WHERE project = {{project:String}} AND name > {{after:String}} GROUP BY name ORDER BY metric LIMIT {}",
      limit);
  const std::vector<QueryParam> params = {{"project", project}, {"after", after}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<MetricSummary> metrics;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const auto text = [&](std::size_t column) { return std::string(block.columns.at(column).Text(row)); };
      const auto number = [&](std::size_t column) { return block.columns.at(column).Fixed<std::uint64_t>(row); };
      metrics.push_back({text(0), text(1), text(2), text(3), number(4), number(5)});
    }
  return metrics;
}

Result<PointPage> MetricReader::ReadPoints(const PointFilter& filter, std::size_t limit,
                                           const std::optional<TimePosition>& after) const {
  CHECK(limit > 0 && limit <= kPointListLimitMax);
  std::vector<QueryParam> params = {{"project", filter.project},
                                    {"name", filter.name},
                                    {"from", std::to_string(filter.from)},
                                    {"to", std::to_string(filter.to)}};
  std::string before;
  if (after) {
    before = "AND (time_unix_ns, series) < ({time:UInt64}, bitShiftLeft(toUInt128({high:UInt64}), 64) + {low:UInt64})";
    params.push_back({"time", std::to_string(after->time_unix_ns)});
    params.push_back({"high", std::to_string(after->hash.high)});
    params.push_back({"low", std::to_string(after->hash.low)});
  }
  const std::string sql = fmt::format(
      "SELECT {} FROM nightjar.metric_points WHERE project = {{project:String}} AND name = {{name:String}} "
      "AND time_unix_ns >= {{from:UInt64}} AND time_unix_ns < {{to:UInt64}} {} "
      "ORDER BY time_unix_ns DESC, series DESC, seq DESC LIMIT 1 BY time_unix_ns, series LIMIT {}",
      kColumns, before, limit + 1);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  PageBuilder builder;
  for (const NativeBlock& block : blocks) {
    const BlockReader reader(block);
    for (std::size_t row = 0; row < block.rows; ++row) {
      if (builder.page().batch.points.size() == limit) {
        builder.page().next = builder.last();
      } else {
        RETURN_IF_ERROR(builder.Add(reader, row));
      }
    }
  }
  return std::move(builder.page());
}

}  // namespace nightjar::store
