// What the API takes in addresses: ids, numbers, times. Errors are kInvalidArgument and name the text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "store/time_position.h"

namespace nightjar::server {

Result<TraceId> ParseTraceId(std::string_view hex);
Result<SpanId> ParseSpanId(std::string_view hex);

struct LimitRange {
  std::size_t if_absent = 0;
  std::size_t max = 0;
};
// 1 to `max`; `if_absent` for no text.
Result<std::size_t> ParseLimit(std::string_view text, const LimitRange& range);

// How much to pass over; 0 for no text.
Result<std::size_t> ParseOffset(std::string_view text);

// "<time>-<hash>", the hash as 32 hex digits.
std::string CursorText(const store::TimePosition& position);
// What CursorText made; nothing for no text.
Result<std::optional<store::TimePosition>> ParseTimeCursor(std::string_view text);

// "true", "false", and as clients write them otherwise; false for no text. `name` is the parameter's.
Result<bool> ParseFlag(std::string_view name, std::string_view text);

// Nanoseconds since 1970, or RFC 3339 ("2026-01-31T12:00:00.5Z"); nothing for no text. `name` is the parameter's.
Result<std::optional<UnixNanos>> ParseTime(std::string_view name, std::string_view text);

}  // namespace nightjar::server
