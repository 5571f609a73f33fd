#include "model/metric.h"

namespace nightjar::model {

std::string_view ToString(MetricType type) {
  switch (type) {
    case MetricType::kGauge: return "gauge";
    case MetricType::kSum: return "sum";
    case MetricType::kHistogram: return "histogram";
    case MetricType::kExponentialHistogram: return "exponential_histogram";
    case MetricType::kSummary: return "summary";
  }
  return "";
}

}  // namespace nightjar::model
