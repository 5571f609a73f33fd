// The SDK's own version.
#pragma once

namespace nightjar::sdk {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace nightjar::sdk
