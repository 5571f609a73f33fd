// The columns of nightjar.spans and nightjar.segments as Native blocks.
#pragma once

#include <span>
#include <vector>

#include "store/insert_block.h"
#include "store/span_row.h"

namespace nightjar::store {

// The i-th row gets sequence number first_seq + i.
// REQUIRES: !rows.empty()
InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::uint64_t first_seq);

// REQUIRES: !segments.empty()
InsertBlock EncodeSegments(std::vector<const Segment*> segments);

}  // namespace nightjar::store
