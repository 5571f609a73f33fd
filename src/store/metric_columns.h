// The columns of nightjar.metric_points as a Native block.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/metric.h"
#include "store/insert_block.h"
#include "store/metric_row.h"

namespace nightjar::store {

// "gauge", "sum", "histogram", "exponential_histogram", "summary".
std::string_view TypeWord(model::MetricType type);

// Points get ascending sequence numbers from first_seq on, batch by batch.
// REQUIRES: there is a point
InsertBlock EncodePoints(std::span<const MetricRows* const> batches, std::uint64_t first_seq);

}  // namespace nightjar::store
