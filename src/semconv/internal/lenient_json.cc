#include "semconv/internal/lenient_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include "base/utf8.h"

namespace nightjar::semconv::internal {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Nothing when the text is neither language. At the end of the text everything that is open is closed.
  std::optional<json::value> Value(int depth) {
    SkipSpace();
    if (depth > kJsonDepthMax) return std::nullopt;
    if (rest_.empty()) return Cut(json::value());
    const char c = rest_.front();
    if (c == '{') return Object(depth);
    if (c == '[' || c == '(') return List(depth, c == '[' ? ']' : ')');
    if (c == '"' || c == '\'') return String();
    if (c == '-' || (c >= '0' && c <= '9')) return Number();
    return Word();
  }

  [[nodiscard]] bool AtEnd() {
    SkipSpace();
    return rest_.empty();
  }
  [[nodiscard]] Spelling spelling() const {
    return is_cut_ ? Spelling::kCut : is_python_ ? Spelling::kPython : Spelling::kJson;
  }

 private:
  json::value Cut(json::value value) {
    is_cut_ = true;
    return value;
  }

  void SkipSpace() {
    const std::size_t begin = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(begin == std::string_view::npos ? rest_.size() : begin);
  }

  // Takes `c` when it comes next.
  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<json::value> Object(int depth) {
    json::object object;
    rest_.remove_prefix(1);
    while (!Take('}')) {
      if (AtEnd()) return Cut(std::move(object));
      const bool quoted = rest_.front() == '"' || rest_.front() == '\'';
      auto key = quoted ? String() : std::nullopt;
      if (!key) return std::nullopt;
      if (AtEnd()) return Cut(std::move(object));
      if (!Take(':')) return std::nullopt;
      if (AtEnd()) return Cut(std::move(object));
      auto value = Value(depth + 1);
      if (!value) return std::nullopt;
      object[key->get_string()] = *std::move(value);
      if (!Take(',') && !AtEnd() && rest_.front() != '}') return std::nullopt;
    }
    return object;
  }

  std::optional<json::value> List(int depth, char close) {
    json::array list;
    if (close == ')') is_python_ = true;
    rest_.remove_prefix(1);
    while (!Take(close)) {
      if (AtEnd()) return Cut(std::move(list));
      auto value = Value(depth + 1);
      if (!value) return std::nullopt;
      list.push_back(*std::move(value));
      if (!Take(',') && !AtEnd() && rest_.front() != close) return std::nullopt;
    }
    return list;
  }

  std::optional<json::value> String() {
    const char quote = rest_.front();
    if (quote == '\'') is_python_ = true;
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) return json::value(ReplaceInvalidUtf8(text));
      if (c == '\\') {
        Escape(text);
      } else {
        text += c;
      }
    }
    return Cut(json::value(ReplaceInvalidUtf8(text)));
  }

  void Escape(std::string& out) {
    if (rest_.empty()) return;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case 'n': out += '\n'; return;
      case 't': out += '\t'; return;
      case 'r': out += '\r'; return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'x': Hex(2, out); return;
      case 'u': Hex(4, out); return;
      default: out += c;
    }
  }

  std::optional<std::uint32_t> HexDigits(std::size_t count) {
    std::uint32_t number = 0;
    const std::string_view digits = rest_.substr(0, count);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.size() != count) return std::nullopt;
    rest_.remove_prefix(count);
    return number;
  }

  void Hex(std::size_t digits, std::string& out) {
    auto code = HexDigits(digits);
    if (!code) return;
    if (*code >= 0xD800 && *code < 0xDC00 && rest_.starts_with("\\u")) {
      rest_.remove_prefix(2);
      const auto low = HexDigits(4);
      code = low && *low >= 0xDC00 && *low < 0xE000 ? 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00) : 0xFFFD;
    }
    AppendUtf8(*code >= 0xD800 && *code < 0xE000 ? 0xFFFD : *code, out);
  }

  static void AppendUtf8(std::uint32_t code, std::string& out) {
    if (code < 0x80) {
      out += static_cast<char>(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kLead[more] | code >> (6 * more));
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
  }

  // The number that all of the text is.
  template <typename T>
  static std::optional<T> Whole(std::string_view text) {
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
  }

  std::optional<json::value> Number() {
    const std::string_view text = rest_.substr(0, rest_.find_first_not_of("+-.0123456789eE"));
    rest_.remove_prefix(text.size());
    if (rest_.empty()) is_cut_ = true;  // digits may be missing
    if (const auto integer = Whole<std::int64_t>(text)) return json::value(*integer);
    if (const auto real = Whole<double>(text)) return json::value(*real);
    return std::nullopt;
  }

  std::optional<json::value> Word() {
    static const std::pair<std::string_view, json::value> words[] = {
        {"true", true}, {"false", false}, {"null", nullptr}, {"True", true}, {"False", false}, {"None", nullptr}};
    for (const auto& [word, value] : words) {
      const std::string_view begin = rest_.substr(0, word.size());
      if (begin == word) {
        if (word.front() < 'a') is_python_ = true;
        rest_.remove_prefix(word.size());
        return value;
      }
      if (begin.size() < word.size() && word.starts_with(begin)) {
        rest_ = {};
        return Cut(json::value());
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
  bool is_cut_ = false;
  bool is_python_ = false;
};

}  // namespace

std::optional<LenientJson> ParseLenient(std::string_view text) {
  Reader reader(text);
  auto value = reader.Value(0);
  if (!value || !value->is_structured() || !reader.AtEnd()) return std::nullopt;
  const bool empty = value->is_object() ? value->get_object().empty() : value->get_array().empty();
  if (empty && reader.spelling() == Spelling::kCut) return std::nullopt;
  return LenientJson{*std::move(value), reader.spelling()};
}

}  // namespace nightjar::semconv::internal
