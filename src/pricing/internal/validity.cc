#include "pricing/internal/validity.h"

#include <fmt/format.h>

#include <charconv>

namespace nightjar::pricing::internal {
namespace {

// All of `text` as a number, or 0, which is no year, month or day.
int Number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

Result<std::chrono::sys_days> ReadDate(std::string_view text) {
  namespace chrono = std::chrono;
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int year = Number(text.substr(0, 4));
    const chrono::year_month_day date(chrono::year(year),
                                      chrono::month(static_cast<unsigned>(Number(text.substr(5, 2)))),
                                      chrono::day(static_cast<unsigned>(Number(text.substr(8, 2)))));
    if (year > 0 && date.ok()) return chrono::sys_days(date);
  }
  return Fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no date such as 2026-01-31", text));
}

std::string DateText(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

bool Validity::Holds(UnixNanos time) const {
  constexpr UnixNanos kSecond = 1'000'000'000;
  constexpr std::chrono::seconds kDay = std::chrono::days(1);
  const std::chrono::seconds since_1970(time / kSecond);
  if (from && since_1970 < from->time_since_epoch()) return false;
  if (!daily) return true;
  const std::chrono::seconds now = since_1970 % kDay;
  const auto [start, end] = *daily;
  return end < start ? now >= start || now < end : start <= now && now < end;
}

}  // namespace nightjar::pricing::internal
