// When a request to a server is worth sending again, and how long to wait before.
#pragma once

#include <chrono>
#include <optional>

#include "stack/http_client.h"

namespace stack {

struct RetryPolicy {
  int attempts_max = 4;                          // the first one counts
  std::chrono::milliseconds first_delay{500};    // doubles with each attempt
  std::chrono::milliseconds delay_max{8'000};    // of the doubling
  std::chrono::milliseconds server_max{60'000};  // a server that asks for more is not waited for
};

// 408, 429, 500, 502, 503, 504 and 529; but not the 429 that says that the account has no money left.
[[nodiscard]] bool IsWorthRetrying(const HttpAnswer& answer);

// What the server asks for: retry-after-ms, or Retry-After in seconds or as a date; nothing when it does not say.
[[nodiscard]] std::optional<std::chrono::milliseconds> AskedDelay(const HttpAnswer& answer);

// The wait after attempt number `attempt` (from 1): between half and the whole of the doubled delay, by `random` of
// [0, 1).
[[nodiscard]] std::chrono::milliseconds Backoff(const RetryPolicy& policy, int attempt, double random);

}  // namespace stack
