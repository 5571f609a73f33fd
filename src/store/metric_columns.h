// The columns of nightjar.metric_points as a Native block.
#pragma once

#include <cstdint>
#include <span>

#include "store/insert_block.h"
#include "store/metric_row.h"

namespace nightjar::store {

// Points get ascending sequence numbers from first_seq on, batch by batch.
// REQUIRES: there is a point
InsertBlock EncodePoints(std::span<const MetricRows* const> batches, std::uint64_t first_seq);

}  // namespace nightjar::store
