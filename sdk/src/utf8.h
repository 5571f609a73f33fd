// Text on the wire must be valid UTF-8: a collector refuses a whole request for one bad byte.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace nightjar::sdk {

inline constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

// The first `characters_max` characters of `text`, each byte that is not UTF-8 replaced by U+FFFD. The result points
// into `text`, or into `scratch` when something had to be replaced.
std::string_view CleanUtf8(std::string_view text, std::size_t characters_max, std::string& scratch);

}  // namespace nightjar::sdk
