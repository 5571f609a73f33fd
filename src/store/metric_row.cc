#include "store/metric_row.h"

#include <algorithm>
#include <utility>

#include "store/origin_text.h"
#include "store/span_row.h"

namespace nightjar::store {
namespace {

void AppendText(std::string_view text, std::string& out) {
  AppendVarint(text.size(), out);
  out += text;
}

void AppendSorted(model::Attributes attributes, std::string& out) {
  std::ranges::sort(attributes, {}, &model::Attribute::key);
  AppendText(AttributesText(attributes), out);
}

// What all points of the metric have in common of their series.
std::string Identity(const model::Metric& metric, const model::Resource& resource, const model::Scope& scope) {
  std::string bytes;
  AppendText(metric.name, bytes);
  AppendText(metric.unit, bytes);
  AppendFixed(metric.type, bytes);
  AppendFixed(metric.temporality, bytes);
  bytes += metric.monotonic ? '\1' : '\0';
  AppendSorted(resource.attributes, bytes);
  AppendText(scope.name, bytes);
  AppendText(scope.version, bytes);
  AppendSorted(scope.attributes, bytes);
  return bytes;
}

std::size_t BytesOf(const model::Attributes& attributes) {
  std::size_t bytes = attributes.size() * sizeof(model::Attribute);
  for (const model::Attribute& attribute : attributes)
    if (const auto* text = attribute.value.As<std::string>()) bytes += text->size();
  return bytes;
}

}  // namespace

MetricRows MakeMetricRows(model::MetricBatch batch, const SegmentKey& key, UnixNanos now_unix_ns) {
  MetricRows out;
  std::vector<std::string> identities;
  for (model::Metric& metric : batch.metrics) {
    const model::Resource& resource = batch.resources[metric.resource];
    const model::Scope& scope = batch.scopes[metric.scope];
    identities.push_back(Identity(metric, resource, scope));
    out.metrics.push_back({std::move(metric), ResourceText(resource), ScopeText(scope)});
  }
  out.points.reserve(batch.points.size());
  for (model::MetricPoint& point : batch.points) {
    std::string identity = identities[point.metric];
    AppendSorted(point.attributes, identity);
    const std::uint16_t day = PartitionDay(point.time_unix_ns, now_unix_ns);
    out.points.push_back({std::move(point), HashSegment(key, identity), day});
  }
  return out;
}

std::size_t MemoryBytes(const MetricRows& rows) {
  std::size_t bytes = 0;
  for (const MetricRow& row : rows.metrics)
    bytes += sizeof row + row.metric.description.size() + row.resource.size() + row.scope.size();
  for (const PointRow& row : rows.points) {
    bytes += sizeof row + BytesOf(row.point.attributes);
    for (const model::Exemplar& exemplar : row.point.exemplars)
      bytes += sizeof exemplar + BytesOf(exemplar.filtered_attributes);
    if (const auto* histogram = std::get_if<model::HistogramValue>(&row.point.value)) {
      bytes += 8 * (histogram->bucket_counts.size() + histogram->explicit_bounds.size());
    } else if (const auto* exponential = std::get_if<model::ExponentialHistogramValue>(&row.point.value)) {
      bytes += 8 * (exponential->positive.counts.size() + exponential->negative.counts.size());
    } else if (const auto* summary = std::get_if<model::SummaryValue>(&row.point.value)) {
      bytes += 16 * summary->quantiles.size();
    }
  }
  return bytes;
}

}  // namespace nightjar::store
