// How long to wait before a request is tried again that the collector did not ask to be sent at a certain time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace nightjar::sdk {

// Half a second before the first retry (`attempt` 0), twice as long before each further one, ten seconds at most; by
// `random` spread over half to one and a half of that, so that programs that failed together do not return together.
inline std::chrono::milliseconds Backoff(int attempt, std::uint64_t random) {
  constexpr std::int64_t kFirst = 500;
  constexpr std::int64_t kLast = 10'000;
  const std::int64_t wait = std::min(kFirst << std::min(attempt, 10), kLast);
  return std::chrono::milliseconds(wait / 2 + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(wait)));
}

}  // namespace nightjar::sdk
