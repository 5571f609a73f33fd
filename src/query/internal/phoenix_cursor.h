// Reads the simple parts of Phoenix's filters from their tokens: signs, names, literals, lists.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/internal/phoenix_names.h"
#include "query/internal/phoenix_parts.h"
#include "query/internal/python_scanner.h"

namespace nightjar::query::internal {

// A position among the tokens, the last of which is kEnd.
class PhoenixCursor {
 public:
  explicit PhoenixCursor(Mistakes& mistakes) : mistakes_(mistakes) {}
  void Begin(std::vector<PythonToken> tokens) { tokens_ = std::move(tokens); }

  [[nodiscard]] const PythonToken& At() const { return tokens_[next_]; }
  // REQUIRES: At() is not the end
  [[nodiscard]] const PythonToken& Behind() const { return tokens_[next_ + 1]; }
  [[nodiscard]] TextRange last_range() const { return tokens_[next_ - 1].range; }
  [[nodiscard]] std::size_t at() const { return next_; }
  void GoTo(std::size_t at) { next_ = at; }
  // Not beyond the end.
  void Skip() { next_ += next_ + 1 < tokens_.size() ? 1 : 0; }

  [[nodiscard]] bool at_end() const { return At().kind == PythonToken::Kind::kEnd; }
  [[nodiscard]] bool IsName() const { return At().kind == PythonToken::Kind::kName; }
  [[nodiscard]] bool IsName(std::string_view name) const { return IsName() && At().text == name; }
  [[nodiscard]] bool IsSign(std::string_view sign) const {
    return At().kind == PythonToken::Kind::kSign && At().text == sign;
  }
  bool TakeSign(std::string_view sign);
  bool TakeName(std::string_view name);
  // "==", "in", "not in", "is", "is not" …; "" for none.
  std::string TakeComparison();

  // Each of these gives nothing after a mistake.
  std::optional<Literal> TakeLiteral();
  // From the opening bracket on, or from the comma behind `first`, to the closing `end`.
  std::optional<Piece> TakeList(std::string_view end, const std::optional<Piece>& first);
  // A dotted name, with ['keys'] behind it. REQUIRES: IsName()
  std::optional<WrittenName> TakeWrittenName();

 private:
  [[nodiscard]] bool IsIndex() const;
  bool TakeKeys(std::vector<std::string>& keys);

  Mistakes& mistakes_;
  std::vector<PythonToken> tokens_;
  std::size_t next_ = 0;
};

}  // namespace nightjar::query::internal
