// gzip (RFC 1952) for request bodies. The output is bounded while it is made; the size that the trailer claims is only
// compared at a member's end, as its checksum is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/internal/byte_budget.h"

namespace nightjar::server::internal {

// Undoes one or more concatenated members. `charge` grows with the output and holds it afterwards, on top of what it
// held before. kInvalidArgument: not gzip, cut off, or bytes after the last member. kResourceExhausted: more than
// `output_bytes_max` over all members. kUnavailable: the budget behind `charge` is spent.
Result<std::string> Gunzip(std::string_view compressed, std::size_t output_bytes_max, ByteCharge& charge);

}  // namespace nightjar::server::internal
