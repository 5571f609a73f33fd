// Limits of one request, whatever its signal. A span, log record or data point over one of the first three is rejected
// alone; over the last, the request is.
#pragma once

#include <cstddef>

namespace nightjar::otlp {

constexpr std::size_t kAttributesMax = 65'536;  // of one thing that has attributes
constexpr std::size_t kEventsMax = 65'536;      // of a span
constexpr std::size_t kLinksMax = 65'536;       // of a span
// Resources, scopes, spans, events, links, log records, metrics, data points, exemplars, buckets, bounds, quantiles,
// attributes, array elements.
constexpr std::size_t kRequestValuesMax = 4'000'000;
// A span, log record, metric or data point counts as so many values: it is two bytes on the wire and 300 in memory.
constexpr std::size_t kValuesOfItem = 8;

}  // namespace nightjar::otlp
