#include "model/metric_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/span_json.h"
#include "model/value_json.h"

namespace nightjar::model {
namespace {

json::value TimeOrNull(UnixNanos time) { return time == 0 ? json::value() : json::value(std::to_string(time)); }

template <typename Id>
json::value IdOrNull(const Id& id) {
  return id.IsZero() ? json::value() : json::value(id.ToHex());
}

json::value TemporalityWord(Temporality temporality) {
  switch (temporality) {
    case Temporality::kUnspecified: return nullptr;
    case Temporality::kDelta: return "DELTA";
    case Temporality::kCumulative: return "CUMULATIVE";
  }
  return json::value(std::to_string(static_cast<std::int32_t>(temporality)));
}

// Doubles may be NaN or infinite.
json::value DoubleJson(double number) { return ToJsonValue(Value(number)); }

json::value OrNull(const std::optional<double>& number) { return number ? DoubleJson(*number) : json::value(); }

json::value NumberJson(const Number& number) {
  if (const auto* integer = std::get_if<std::int64_t>(&number)) return *integer;
  if (const auto* real = std::get_if<double>(&number)) return DoubleJson(*real);
  return nullptr;
}

json::array CountsJson(const std::vector<std::uint64_t>& counts) { return json::array(counts.begin(), counts.end()); }

void AddValue(const Number& value, json::object& out) { out["value"] = NumberJson(value); }

void AddValue(const HistogramValue& value, json::object& out) {
  out["count"] = value.count;
  out["sum"] = OrNull(value.sum);
  out["min"] = OrNull(value.min);
  out["max"] = OrNull(value.max);
  out["bucket_counts"] = CountsJson(value.bucket_counts);
  json::array bounds;
  for (const double bound : value.explicit_bounds) bounds.push_back(DoubleJson(bound));
  out["explicit_bounds"] = std::move(bounds);
}

void AddValue(const ExponentialHistogramValue& value, json::object& out) {
  out["count"] = value.count;
  out["sum"] = OrNull(value.sum);
  out["min"] = OrNull(value.min);
  out["max"] = OrNull(value.max);
  out["scale"] = value.scale;
  out["zero_count"] = value.zero_count;
  out["zero_threshold"] = DoubleJson(value.zero_threshold);
  out["positive"] = {{"offset", value.positive.offset}, {"counts", CountsJson(value.positive.counts)}};
  out["negative"] = {{"offset", value.negative.offset}, {"counts", CountsJson(value.negative.counts)}};
}

void AddValue(const SummaryValue& value, json::object& out) {
  out["count"] = value.count;
  out["sum"] = DoubleJson(value.sum);
  json::array quantiles;
  for (const auto& [quantile, at] : value.quantiles)
    quantiles.push_back({{"quantile", DoubleJson(quantile)}, {"value", DoubleJson(at)}});
  out["quantiles"] = std::move(quantiles);
}

json::object ToJson(const Exemplar& exemplar) {
  return {{"time_unix_ns", TimeOrNull(exemplar.time_unix_ns)},
          {"value", NumberJson(exemplar.value)},
          {"trace_id", IdOrNull(exemplar.trace_id)},
          {"span_id", IdOrNull(exemplar.span_id)},
          {"attributes", AttributesToJson(exemplar.filtered_attributes)}};
}

}  // namespace

json::object ToPointJson(const MetricPoint& point) {
  json::object out;
  out["start_time_unix_ns"] = TimeOrNull(point.start_time_unix_ns);
  out["time_unix_ns"] = TimeOrNull(point.time_unix_ns);
  out["flags"] = point.flags;
  std::visit([&](const auto& value) { AddValue(value, out); }, point.value);
  json::array exemplars;
  for (const Exemplar& exemplar : point.exemplars) exemplars.push_back(ToJson(exemplar));
  out["exemplars"] = std::move(exemplars);
  return out;
}

json::object ToSeriesJson(const MetricBatch& batch, const Metric& metric, const Attributes& attributes) {
  json::object out;
  out["type"] = ToString(metric.type);
  out["unit"] = TextOrNull(metric.unit);
  out["description"] = TextOrNull(metric.description);
  out["temporality"] = TemporalityWord(metric.temporality);
  out["monotonic"] = metric.type == MetricType::kSum ? json::value(metric.monotonic) : json::value();
  out["metadata"] = AttributesToJson(metric.metadata);
  AddOrigin(batch.resources[metric.resource], batch.scopes[metric.scope], out);
  out["attributes"] = AttributesToJson(attributes);
  return out;
}

}  // namespace nightjar::model
