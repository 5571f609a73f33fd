// Words, names, operators and quoted texts of a query, one after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "query/expression.h"
#include "query/internal/value.h"

namespace nightjar::query::internal {

struct Sign {
  std::string_view text;
  Operator op;
  bool negated;
};

// A position in the text, which must outlive it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }
  // Where a value or a condition cannot begin: the end, a space, a closing bracket.
  [[nodiscard]] bool at_stop() const;
  // NUL at the end.
  [[nodiscard]] char next() const { return at_end() ? '\0' : text_[at_]; }
  void GoTo(std::size_t at) { at_ = at; }

  void SkipSpace();
  bool Take(char c);
  // A minus right before something.
  bool TakeMinus();
  // A whole word, of either case; spaces before it are skipped. Keywords are lower case.
  [[nodiscard]] bool IsKeyword(std::string_view word) const;
  bool TakeKeyword(std::string_view word);
  // "tokens.prompt", "attributes.\"http.route\""; "" when no name begins here.
  std::string_view TakeName();
  // And the spaces around it: none before a colon, and none behind it. nullptr: there is no operator.
  const Sign* TakeSign();
  // Up to a space, a bracket, a quote or one of `ends`, at least one character. REQUIRES: !at_end()
  Written TakeWord(std::string_view ends = {});
  // Up to the closing quote or the end. REQUIRES: next() == '"'
  Written TakeQuoted(bool* closed);

 private:
  const std::string_view text_;
  std::size_t at_ = 0;
};

// Without the quotes around it, if there are any, and the backslashes before quotes and backslashes.
std::string Unquoted(std::string_view text);

}  // namespace nightjar::query::internal
