// The wall clock.
#pragma once

#include <chrono>

#include "base/ids.h"

namespace nightjar {

inline UnixNanos Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<UnixNanos>(std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

}  // namespace nightjar
