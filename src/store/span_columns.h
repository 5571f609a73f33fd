// The columns of nightjar.spans and nightjar.segments as Native blocks.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/insert_block.h"
#include "store/span_row.h"

namespace nightjar::store {

// The i-th row gets sequence number first_seq + i.
// REQUIRES: !rows.empty()
InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::uint64_t first_seq);

// The i-th row gets sequence number seqs[i].
// REQUIRES: !rows.empty(), as many seqs as rows
InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::span<const std::uint64_t> seqs);

// REQUIRES: !segments.empty()
InsertBlock EncodeSegments(std::vector<const Segment*> segments);

}  // namespace nightjar::store
