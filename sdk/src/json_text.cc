#include "json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace nightjar::sdk {
namespace {

constexpr std::string_view kWhitespace = " \t\r\n";

void SkipWhitespace(std::string_view& rest) {
  const std::size_t begin = rest.find_first_not_of(kWhitespace);
  rest.remove_prefix(begin == std::string_view::npos ? rest.size() : begin);
}

bool Take(std::string_view& rest, char expected) {
  SkipWhitespace(rest);
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(1);
  return true;
}

// Bytes of the string at the start of `text`, quotes included; 0 when it does not end.
std::size_t StringBytes(std::string_view text) {
  for (std::size_t quote = 0; (quote = text.find('"', quote + 1)) != std::string_view::npos;) {
    std::size_t backslashes = 0;
    while (text[quote - 1 - backslashes] == '\\') ++backslashes;  // ends at the opening quote at the latest
    if (backslashes % 2 == 0) return quote + 1;
  }
  return 0;
}

// Bytes of the object or array at the start of `text`, found by counting brackets; 0 when it does not end.
std::size_t NestedBytes(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      const std::size_t bytes = StringBytes(text.substr(i));
      if (bytes == 0) return 0;
      i += bytes - 1;
    } else if (text[i] == '{' || text[i] == '[') {
      ++depth;
    } else if (text[i] == '}' || text[i] == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return 0;
}

// Takes the value at the start of `rest`.
std::optional<std::string_view> TakeValue(std::string_view& rest) {
  SkipWhitespace(rest);
  if (rest.empty()) return std::nullopt;
  std::size_t bytes = 0;
  if (rest.front() == '"') {
    bytes = StringBytes(rest);
  } else if (rest.front() == '{' || rest.front() == '[') {
    bytes = NestedBytes(rest);
  } else {
    bytes = std::min(rest.find_first_of(",]} \t\r\n"), rest.size());
  }
  if (bytes == 0) return std::nullopt;
  const std::string_view value = rest.substr(0, bytes);
  rest.remove_prefix(bytes);
  return value;
}

}  // namespace

std::optional<std::string_view> JsonMember(std::string_view json, std::string_view key) {
  if (!Take(json, '{')) return std::nullopt;
  do {
    SkipWhitespace(json);
    if (!json.starts_with('"')) return std::nullopt;
    const auto name = TakeValue(json);
    if (!name || !Take(json, ':')) return std::nullopt;
    const auto value = TakeValue(json);
    if (!value) return std::nullopt;
    if (name->substr(1, name->size() - 2) == key) return value;
  } while (Take(json, ','));
  return std::nullopt;
}

std::optional<std::string_view> JsonFirstElement(std::string_view json) {
  if (!Take(json, '[')) return std::nullopt;
  return TakeValue(json);
}

JsonItems::JsonItems(std::string_view json) : rest_(json) {
  if (Take(rest_, '{')) {
    close_ = '}';
  } else if (Take(rest_, '[')) {
    close_ = ']';
  }
}

bool JsonItems::Next() {
  if (close_ == '\0') return false;
  if (Take(rest_, close_)) {
    SkipWhitespace(rest_);
    complete_ = rest_.empty();
    return false;
  }
  if (!std::exchange(first_, false) && !Take(rest_, ',')) return false;
  if (close_ == '}') {
    SkipWhitespace(rest_);
    const auto name = rest_.starts_with('"') ? TakeValue(rest_) : std::nullopt;
    if (!name || !Take(rest_, ':')) return false;
    key_ = name->substr(1, name->size() - 2);
  }
  const auto value = TakeValue(rest_);
  if (value) value_ = *value;
  return value.has_value();
}

namespace {

void AppendUtf8(std::string& out, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6);
    add(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    add(0xE0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  } else {
    add(0xF0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3F));
    add(0x80 | (code >> 6 & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

constexpr std::uint32_t kReplacement = 0xFFFD;

// The four digits behind "\u"; the replacement character when they are not there.
std::uint32_t TakeUnit(std::string_view& rest) {
  std::uint32_t unit = 0;
  const char* begin = rest.data();
  const char* end = begin + std::min<std::size_t>(rest.size(), 4);
  const auto [stop, error] = std::from_chars(begin, end, unit, 16);
  rest.remove_prefix(static_cast<std::size_t>(stop - begin));
  return error == std::errc() && stop == begin + 4 ? unit : kReplacement;
}

std::uint32_t TakeEscapedCharacter(std::string_view& rest) {
  const std::uint32_t unit = TakeUnit(rest);
  if (unit < 0xD800 || unit > 0xDFFF) return unit;
  if (unit > 0xDBFF || !rest.starts_with("\\u")) return kReplacement;
  std::string_view after = rest.substr(2);
  const std::uint32_t low = TakeUnit(after);
  if (low < 0xDC00 || low > 0xDFFF) return kReplacement;
  rest = after;
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

}  // namespace

std::optional<std::string> JsonString(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return std::nullopt;
  std::string_view rest = json.substr(1, json.size() - 2);
  std::string text;
  text.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.size() < 2) break;
    const char escape = rest[1];
    rest.remove_prefix(2);
    constexpr std::string_view kEscapes = "bfnrt\"\\/";
    constexpr std::string_view kMeanings = "\b\f\n\r\t\"\\/";
    if (escape == 'u') {
      AppendUtf8(text, TakeEscapedCharacter(rest));
    } else if (const std::size_t at = kEscapes.find(escape); at != std::string_view::npos) {
      text += kMeanings[at];
    } else {
      AppendUtf8(text, kReplacement);
    }
  }
  return text;
}

std::optional<std::int64_t> JsonInteger(std::string_view json) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
  if (error != std::errc() || end != json.data() + json.size()) return std::nullopt;
  return number;
}

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      out += "\\u00";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendJsonNumber(std::string& out, double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  out.append(std::isfinite(number) ? std::string_view(text.data(), end) : "null");
}

}  // namespace nightjar::sdk
