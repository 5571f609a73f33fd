// A series of a metric and its points as the HTTP API shows them. Every key of a series is always there; a point has
// the keys of its type. Unknown is null. Times are decimal strings.
#pragma once

#include "base/json.h"
#include "model/metric.h"

namespace nightjar::model {

// `metric` is of the batch; `attributes` are those of the series' points.
json::object ToSeriesJson(const MetricBatch& batch, const Metric& metric, const Attributes& attributes);

json::object ToPointJson(const MetricPoint& point);

}  // namespace nightjar::model
