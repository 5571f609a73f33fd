#include "server/query_params.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

namespace nightjar::server {
namespace {

constexpr UnixNanos kSecondNs = 1'000'000'000;

// The whole of `text` as a number.
template <typename T>
std::optional<T> Whole(std::string_view text, int base = 10) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Takes `digits` digits and then `after` from the front of `text`; 0 stands for no character.
std::optional<int> Take(std::string_view& text, std::size_t digits, char after) {
  const std::size_t size = digits + (after != 0 ? 1 : 0);
  if (text.size() < size || (after != 0 && text[digits] != after)) return std::nullopt;
  const auto number = Whole<unsigned>(text.substr(0, digits));
  text.remove_prefix(size);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

// ".5" → 500000000; nothing written is 0.
std::optional<UnixNanos> TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  const std::string_view fraction = text.substr(0, digits);
  if (fraction.empty() || fraction.size() > 9) return std::nullopt;
  text.remove_prefix(fraction.size());
  UnixNanos nanos = *Whole<UnixNanos>(fraction);
  for (std::size_t i = fraction.size(); i < 9; ++i) nanos *= 10;
  return nanos;
}

// "Z", "+01:00", "-05:30": minutes east of UTC.
std::optional<int> ParseOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '+' ? 1 : -1;
  text.remove_prefix(1);
  const auto hours = Take(text, 2, ':');
  const auto minutes = Take(text, 2, 0);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

// RFC 3339, section 5.6, from 1970 on.
std::optional<UnixNanos> ParseRfc3339(std::string_view text) {
  const auto year = Take(text, 4, '-');
  const auto month = Take(text, 2, '-');
  const auto day = Take(text, 2, 'T');
  const auto hour = Take(text, 2, ':');
  const auto minute = Take(text, 2, ':');
  const auto second = Take(text, 2, 0);
  const auto nanos = TakeFraction(text);
  const auto offset = ParseOffset(text);
  if (!year || !month || !day || !hour || !minute || !second || !nanos || !offset) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = *hour * 60 + *minute - *offset;
  const std::int64_t seconds = days * 86'400 + minutes * 60 + *second;
  if (seconds < 0 || static_cast<UnixNanos>(seconds) >= std::numeric_limits<UnixNanos>::max() / kSecondNs)
    return std::nullopt;
  return static_cast<UnixNanos>(seconds) * kSecondNs + *nanos;
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
