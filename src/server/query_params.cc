#include "server/query_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/time_text.h"

namespace nightjar::server {
namespace {

// The whole of `text` as a number.
template <typename T>
std::optional<T> Whole(std::string_view text, int base = 10) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<TraceId> ParseTraceId(std::string_view hex) {
  const auto id = TraceId::FromHex(hex);
  if (!id) return Fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a trace id of 32 hex digits", hex));
  return *id;
}

Result<SpanId> ParseSpanId(std::string_view hex) {
  const auto id = SpanId::FromHex(hex);
  if (!id) return Fail(ErrorCode::kInvalidArgument, fmt::format("\"{}\" is not a span id of 16 hex digits", hex));
  return *id;
}

Result<std::size_t> ParseLimit(std::string_view text, const LimitRange& range) {
  if (text.empty()) return range.if_absent;
  const auto limit = Whole<std::size_t>(text);
  if (!limit || *limit < 1 || *limit > range.max)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("limit \"{}\" is not a number from 1 to {}", text, range.max));
  return *limit;
}

Result<std::size_t> ParseOffset(std::string_view text) {
  if (text.empty()) return std::size_t{0};
  const auto offset = Whole<std::size_t>(text);
  if (!offset)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("offset \"{}\" is not a number of 0 or more", text));
  return *offset;
}

std::string CursorText(const store::TimePosition& position) {
  return fmt::format("{}-{:016x}{:016x}", position.time_unix_ns, position.hash.high, position.hash.low);
}

Result<std::optional<store::TimePosition>> ParseTimeCursor(std::string_view text) {
  if (text.empty()) return std::optional<store::TimePosition>();
  const std::size_t dash = text.find('-');
  const auto time = Whole<UnixNanos>(text.substr(0, dash));
  const std::string_view hash = dash == std::string_view::npos ? std::string_view() : text.substr(dash + 1);
  const auto high = Whole<std::uint64_t>(hash.substr(0, std::min<std::size_t>(hash.size(), 16)), 16);
  const auto low = Whole<std::uint64_t>(hash.substr(std::min<std::size_t>(hash.size(), 16)), 16);
  if (!time || hash.size() != 32 || !high || !low)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("cursor \"{}\" is not one that a list gave; leave it out to begin anew", text));
  return std::optional(store::TimePosition{*time, {.low = *low, .high = *high}});
}

Result<bool> ParseFlag(std::string_view name, std::string_view text) {
  if (text == "true" || text == "1" || text == "True") return true;
  if (text.empty() || text == "false" || text == "0" || text == "False") return false;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("{} \"{}\" is neither true nor false", name, text));
}

Result<std::optional<UnixNanos>> ParseTime(std::string_view name, std::string_view text) {
  if (text.empty()) return std::optional<UnixNanos>();
  auto time = Whole<UnixNanos>(text);
  if (!time) time = ParseRfc3339(text);
  if (!time)
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} \"{}\" is neither nanoseconds since 1970 nor a time such as 2026-01-31T12:00:00Z", name, text));
  return time;
}

}  // namespace nightjar::server
