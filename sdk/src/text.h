// Pieces of text shared by what reads headers and the environment.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

namespace nightjar::sdk {

inline std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

inline char LowerCase(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
inline std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) { return LowerCase(c); });
  return lower;
}
inline bool EqualButForCase(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, [](char one, char other) { return LowerCase(one) == LowerCase(other); });
}

// The items of a list, one after the other; none of an empty text.
class Split {
 public:
  Split(std::string_view text, char separator) : rest_(text), separator_(separator) {}
  bool Next() {
    if (rest_.empty()) return false;
    item_ = rest_.substr(0, rest_.find(separator_));
    rest_.remove_prefix(std::min(rest_.size(), item_.size() + 1));
    return true;
  }
  [[nodiscard]] std::string_view item() const { return item_; }

 private:
  std::string_view rest_;
  std::string_view item_;
  char separator_;
};

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The number that `text`, lower-case hex digits only, stands for. At most 16 digits.
inline std::optional<std::uint64_t> ParseHex(std::string_view text) {
  if (text.empty() || text.size() > 16) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
    number = number << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  }
  return number;
}

inline std::string PercentDecode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* hex = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(hex, hex + 2, byte, 16).ptr == hex + 2) {
      decoded += static_cast<char>(byte);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace nightjar::sdk
