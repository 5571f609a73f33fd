// Text on the wire must be valid UTF-8: a collector refuses a whole request for one bad byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

namespace nightjar::sdk {

inline constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

inline bool IsAscii(std::string_view text) noexcept {
  const auto word_at = [&](std::size_t at) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof(word));
    return word;
  };
  std::uint64_t seen = 0;
  if (text.size() >= sizeof(seen)) {
    for (std::size_t at = 0; at + sizeof(seen) < text.size(); at += sizeof(seen)) seen |= word_at(at);
    seen |= word_at(text.size() - sizeof(seen));
  } else {
    for (const char c : text) seen |= static_cast<unsigned char>(c);
  }
  return (seen & 0x8080808080808080U) == 0;
}

std::string_view CleanNonAscii(std::string_view text, std::size_t characters_max, std::string& scratch);

// The first `characters_max` characters of `text`, each byte that is not UTF-8 replaced by U+FFFD. The result points
// into `text`, or into `scratch` when something had to be replaced.
inline std::string_view CleanUtf8(std::string_view text, std::size_t characters_max, std::string& scratch) {
  if (IsAscii(text)) [[likely]]
    return text.substr(0, characters_max);
  return CleanNonAscii(text, characters_max, scratch);
}

}  // namespace nightjar::sdk
