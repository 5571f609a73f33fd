#include "stack/retry.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace stack {
namespace {

constexpr std::array kPassingStatuses = {408L, 429L, 500L, 502L, 503L, 504L, 529L};

std::optional<std::int64_t> WholeNumber(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

}  // namespace

bool IsWorthRetrying(const HttpAnswer& answer) {
  return std::ranges::find(kPassingStatuses, answer.status) != kPassingStatuses.end() &&
         answer.body.find("insufficient_quota") == std::string::npos;
}

std::optional<std::chrono::milliseconds> AskedDelay(const HttpAnswer& answer) {
  constexpr std::int64_t kYearSeconds = 31'536'000;  // keeps the sum below in range
  if (const auto milliseconds = WholeNumber(answer.retry_after_ms)) {
    return std::chrono::milliseconds(std::min(*milliseconds, kYearSeconds * 1'000));
  }
  if (const auto seconds = WholeNumber(answer.retry_after))
    return std::chrono::seconds(std::min(*seconds, kYearSeconds));
  const std::time_t date = curl_getdate(answer.retry_after.c_str(), nullptr);
  if (date < 0) return std::nullopt;
  return std::chrono::seconds(std::max<std::int64_t>(0, date - std::time(nullptr)));
}

std::chrono::milliseconds Backoff(const RetryPolicy& policy, int attempt, double random) {
  std::chrono::milliseconds delay = policy.first_delay;
  for (int i = 1; i < attempt && delay < policy.delay_max; ++i) delay *= 2;
  delay = std::min(delay, policy.delay_max);
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * (0.5 + random / 2)));
}

}  // namespace stack
