// Random numbers for ids: one generator per thread, seeded by the operating system, seeded again after fork().
#pragma once

#include <cstdint>

namespace nightjar::sdk {

// Not for secrets.
std::uint64_t RandomBits() noexcept;

}  // namespace nightjar::sdk
