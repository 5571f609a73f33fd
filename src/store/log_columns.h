// The columns of nightjar.logs as a Native block.
#pragma once

#include <cstdint>
#include <span>

#include "store/insert_block.h"
#include "store/log_row.h"

namespace nightjar::store {

// The i-th row gets sequence number first_seq + i.
// REQUIRES: !rows.empty()
InsertBlock EncodeLogs(std::span<const LogRow* const> rows, std::uint64_t first_seq);

}  // namespace nightjar::store
