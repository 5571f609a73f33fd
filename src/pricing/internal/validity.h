// When a price holds.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"

namespace nightjar::pricing::internal {

// "2026-01-31". kInvalidArgument when there is no such day.
Result<std::chrono::sys_days> ReadDate(std::string_view text);
std::string DateText(std::chrono::sys_days day);

// All in UTC. A daily interval whose end is before its start goes over midnight.
struct Validity {
  std::optional<std::chrono::sys_days> from;
  std::optional<std::pair<std::chrono::seconds, std::chrono::seconds>> daily;  // since midnight, the end excluded

  bool Holds(UnixNanos time) const;
};

}  // namespace nightjar::pricing::internal
