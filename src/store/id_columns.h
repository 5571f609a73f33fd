// How ids lie in the tables: trace ids as their bytes, span ids as the big-endian number of theirs.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace nightjar::store {

// A span id is unique in its trace only.
struct SpanAddress {
  TraceId trace_id;
  SpanId span_id;
  auto operator<=>(const SpanAddress&) const = default;
};

using TraceIdBytes = std::array<std::uint8_t, TraceId::kSize>;

inline std::uint64_t SpanIdNumber(const SpanId& id) {
  return __builtin_bswap64(std::bit_cast<std::uint64_t>(id.bytes));
}

inline SpanId SpanIdFromNumber(std::uint64_t number) {
  SpanId id;
  id.bytes = std::bit_cast<decltype(id.bytes)>(__builtin_bswap64(number));
  return id;
}

// "['0af…','…']": ids as hex, the text form of Array(String). Nothing needs escaping.
inline std::string HexArray(const std::vector<TraceId>& ids) {
  std::string text = "[";
  for (const TraceId& id : ids) text += (text.size() > 1 ? ",'" : "'") + id.ToHex() + "'";
  return text + "]";
}

}  // namespace nightjar::store
