#include "base/time_text.h"

#include <fmt/format.h>

#include <chrono>
#include <limits>

namespace nightjar {
namespace {

constexpr UnixNanos kSecondNs = 1'000'000'000;

// Takes `digits` digits and then `after` from the front of `text`; 0 stands for no character.
std::optional<int> Take(std::string_view& text, std::size_t digits, char after) {
  const std::size_t size = digits + (after != 0 ? 1 : 0);
  if (text.size() < size || (after != 0 && text[digits] != after)) return std::nullopt;
  int number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(size);
  return number;
}

// ".5" → 500000000; nothing written is 0.
std::optional<UnixNanos> TakeFraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0;
  text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  const std::string_view fraction = text.substr(0, digits);
  if (fraction.empty() || fraction.size() > 9) return std::nullopt;
  text.remove_prefix(fraction.size());
  UnixNanos nanos = 0;
  for (const char digit : fraction) nanos = nanos * 10 + static_cast<UnixNanos>(digit - '0');
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

std::optional<std::int64_t> DaysOf(std::optional<int> year, std::optional<int> month, std::optional<int> day) {
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<UnixNanos> Nanoseconds(std::int64_t seconds, UnixNanos nanos) {
  if (seconds < 0 || static_cast<UnixNanos>(seconds) >= std::numeric_limits<UnixNanos>::max() / kSecondNs)
    return std::nullopt;
  return static_cast<UnixNanos>(seconds) * kSecondNs + nanos;
}

}  // namespace

std::optional<UnixNanos> ParseRfc3339(std::string_view text) {
  const auto year = Take(text, 4, '-');
  const auto month = Take(text, 2, '-');
  const auto days = DaysOf(year, month, Take(text, 2, 'T'));
  const auto hour = Take(text, 2, ':');
  const auto minute = Take(text, 2, ':');
  const auto second = Take(text, 2, 0);
  const auto nanos = TakeFraction(text);
  const auto offset = ParseOffset(text);
  if (!days || !hour || !minute || !second || !nanos || !offset) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t minutes = *hour * 60 + *minute - *offset;
  return Nanoseconds(*days * 86'400 + minutes * 60 + *second, *nanos);
}

std::optional<UnixNanos> ParseDate(std::string_view text) {
  const auto year = Take(text, 4, '-');
  const auto month = Take(text, 2, '-');
  const auto days = DaysOf(year, month, Take(text, 2, 0));
  if (!days || !text.empty()) return std::nullopt;
  return Nanoseconds(*days * 86'400, 0);
}

std::string ToRfc3339(UnixNanos time) {
  const std::chrono::sys_seconds seconds{std::chrono::seconds(static_cast<std::int64_t>(time / kSecondNs))};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{seconds - day};
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (std::string fraction = fmt::format("{:09}", time % kSecondNs); fraction != "000000000") {
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += '.' + fraction;
  }
  return text + 'Z';
}

}  // namespace nightjar
