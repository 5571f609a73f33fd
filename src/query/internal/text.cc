#include "query/internal/text.h"

#include <fmt/format.h>

#include <cstdint>

namespace nightjar::query::internal {
namespace {

// The escape of RFC 8259, section 7; "" for a character that needs none.
std::string Escape(char c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  return static_cast<unsigned char>(c) < 0x20 ? fmt::format("\\u{:04x}", static_cast<int>(c)) : "";
}

// The code point at the front of valid UTF-8, which is taken.
std::uint32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  std::uint32_t point = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size && i < text.size(); ++i)
    point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  text.remove_prefix(std::min(size, text.size()));
  return point;
}

std::string InAscii(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (static_cast<unsigned char>(text.front()) < 0x80) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::uint32_t point = TakeCodePoint(text);
    if (point < 0x10000) {
      out += fmt::format("\\u{:04x}", point);
    } else {  // a surrogate pair
      out +=
          fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    }
  }
  return out;
}

}  // namespace

std::string EscapedForRegex(std::string_view text) {
  std::string regex;
  for (const char c : text) {
    const bool plain = IsLetter(c) || IsDigit(c) || static_cast<unsigned char>(c) >= 0x80;
    (regex += plain ? "" : "\\") += c;
  }
  return regex;
}

std::vector<std::string> JsonSpellings(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const std::string escape = Escape(c);
    escaped += escape.empty() ? std::string(1, c) : escape;
  }
  std::vector<std::string> spellings = {std::string(text)};
  for (std::string& spelling : std::vector{escaped, InAscii(escaped)})
    if (std::ranges::find(spellings, spelling) == spellings.end()) spellings.push_back(std::move(spelling));
  return spellings;
}

}  // namespace nightjar::query::internal
