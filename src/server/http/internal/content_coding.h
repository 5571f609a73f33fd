// Content codings of request bodies (RFC 9110 section 8.4): gzip, deflate and zstd. The output is bounded while it is
// made; whatever size a header or trailer claims is never believed.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "server/http/internal/byte_budget.h"

namespace nightjar::server::internal {

enum class ContentCoding {
  kGzip,     // RFC 1952: one member or more
  kDeflate,  // RFC 1950, or RFC 1951 without its frame, as some senders understand the name
  kZstd,     // RFC 8878: one frame or more, with a window of at most 8 MiB (RFC 9659)
};

// What a refusal says in Accept-Encoding.
inline constexpr std::string_view kContentCodings = "gzip, deflate, zstd";

// "gzip", "x-gzip", "deflate", "zstd", without case.
std::optional<ContentCoding> FindContentCoding(std::string_view name);

// Undoes the coding. `charge` grows with the output and holds it afterwards, on top of what it held before. At any time
// the decoder itself holds at most 9 MiB. kInvalidArgument: not of this coding, cut off, or bytes after the end.
// kResourceExhausted: more than `output_bytes_max`. kUnavailable: the budget behind `charge` is spent.
Result<std::string> Decode(ContentCoding coding, std::string_view encoded, std::size_t output_bytes_max,
                           ByteCharge& charge);

}  // namespace nightjar::server::internal
