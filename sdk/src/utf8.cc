#include "utf8.h"

namespace nightjar::sdk {
namespace {

// Bytes of the character at the start of `text`; 0 when it is not UTF-8. Table 3-7 of the Unicode standard.
std::size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return continues(1) ? 2 : 0;
  if (first < 0xF0) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;  // surrogates end at U+DFFF
    return byte(1) >= low && byte(1) <= high && continues(2) ? 3 : 0;
  }
  if (first > 0xF4) return 0;
  const unsigned low = first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
  return byte(1) >= low && byte(1) <= high && continues(2) && continues(3) ? 4 : 0;
}

}  // namespace

std::string_view CleanNonAscii(std::string_view text, std::size_t characters_max, std::string& scratch) {
  bool replaced = false;
  std::size_t at = 0;
  for (std::size_t characters = 0; at < text.size() && characters < characters_max; ++characters) {
    const std::size_t bytes = CharacterBytes(text.substr(at));
    if (bytes == 0 && !replaced) {
      scratch.assign(text, 0, at);
      replaced = true;
    }
    if (replaced) scratch.append(bytes == 0 ? "\xEF\xBF\xBD" : text.substr(at, bytes));
    at += bytes == 0 ? 1 : bytes;
  }
  return replaced ? std::string_view(scratch) : text.substr(0, at);
}

}  // namespace nightjar::sdk
