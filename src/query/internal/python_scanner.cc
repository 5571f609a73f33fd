#include "query/internal/python_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "query/internal/text.h"

namespace nightjar::query::internal {
namespace {

// Longer ones first.
constexpr auto kSigns =
    std::to_array<std::string_view>({"==", "!=", "<=", ">=", "**", "//", "<<", ">>", ":=", "<", ">", "(", ")",
                                     "[",  "]",  ",",  ".",  "+",  "-",  "*",  "/",  "%",  "|", "&", "^", "~"});

using Kind = PythonToken::Kind;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<PythonToken> Run(std::optional<Mistake>& mistake) {
    std::vector<PythonToken> tokens;
    while (true) {
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
      const std::size_t begin = at_;
      if (at_ == text_.size()) break;
      PythonToken token = Next();
      if (why_) {
        mistake = Mistake{{begin, std::max(at_, begin + 1)}, *why_};
        break;
      }
      token.range = {begin, at_};
      tokens.push_back(std::move(token));
    }
    tokens.push_back({.kind = Kind::kEnd, .range = {text_.size(), text_.size()}});
    return tokens;
  }

 private:
  PythonToken Next() {
    const char c = text_[at_];
    if (c == '\'' || c == '"') return Quoted(c);
    if (IsDigit(c) || (c == '.' && at_ + 1 < text_.size() && IsDigit(text_[at_ + 1]))) return Number();
    if (IsLetter(c)) {
      const std::size_t begin = at_;
      while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]))) ++at_;
      if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"'))
        why_ = "write texts without a prefix, as 'text'";
      return {.kind = Kind::kName, .text = std::string(text_.substr(begin, at_ - begin))};
    }
    const auto sign =
        std::ranges::find_if(kSigns, [&](std::string_view s) { return text_.substr(at_).starts_with(s); });
    if (sign == kSigns.end()) {
      why_ = "this character has no meaning here";
      return {};
    }
    at_ += sign->size();
    return {.kind = Kind::kSign, .text = std::string(*sign)};
  }

  PythonToken Quoted(char quote) {
    PythonToken token{.kind = Kind::kText};
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size())
        Escaped(token.text);
      else
        token.text += text_[at_];
    }
    if (token.text.find('\0') != std::string::npos) why_ = "a text holds no NUL";
    if (at_ == text_.size())
      why_ = "this quote is not closed";
    else
      ++at_;
    return token;
  }

  // What a backslash and what follows stand for in Python; most letters stand for themselves, behind the backslash.
  void Escaped(std::string& out) {
    constexpr std::string_view kLetters = "\\'\"ntrabfv";
    constexpr std::string_view kMeanings = "\\'\"\n\t\r\a\b\f\v";
    const char c = text_[++at_];
    if (const std::size_t i = kLetters.find(c); i != std::string_view::npos) {
      out += kMeanings[i];
    } else if (c == 'x' || c == 'u' || c == 'U') {
      CodePoint(c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, out);
    } else if (c >= '0' && c <= '7') {
      std::size_t digits = 1;
      while (digits < 3 && at_ + digits < text_.size() && text_[at_ + digits] >= '0' && text_[at_ + digits] <= '7')
        ++digits;
      --at_;
      CodePoint(digits, 8, out);
    } else {
      out += '\\';
      out += c;
    }
  }

  // Of the digits behind the present character, the last of which becomes the present one.
  void CodePoint(std::size_t digits, int base, std::string& out) {
    const std::string_view number = text_.substr(at_ + 1, digits);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), code, base);
    if (number.size() != digits || error != std::errc() || end != number.data() + digits || code > 0x10FFFF ||
        (code >= 0xD800 && code < 0xE000)) {
      why_ = "a backslash is followed by no character here";
      return;
    }
    at_ += digits;
    const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | code >> 12);
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xF0 | code >> 18);
      tail(12);
      tail(6);
      tail(0);
    }
  }

  PythonToken Number() {
    PythonToken token{.kind = Kind::kNumber};
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), token.number);
    at_ = static_cast<std::size_t>(end - text_.data());
    if (error != std::errc() || !std::isfinite(token.number) || (at_ < text_.size() && IsLetter(text_[at_])))
      why_ = "this is not a number";
    return token;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::optional<std::string> why_;
};

}  // namespace

std::vector<PythonToken> PythonTokens(std::string_view text, std::optional<Mistake>& mistake) {
  return Reader(text).Run(mistake);
}

}  // namespace nightjar::query::internal
