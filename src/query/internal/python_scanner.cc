#include "query/internal/python_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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
      char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      }
      if (c == '\0') why_ = "a text holds no NUL";
      token.text += c;
    }
    if (at_ == text_.size())
      why_ = "this quote is not closed";
    else
      ++at_;
    return token;
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
