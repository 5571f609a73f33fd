// The tokens of Python expressions, as far as filters use them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/expression.h"
#include "query/parse.h"

namespace nightjar::query::internal {

struct PythonToken {
  enum class Kind : std::uint8_t { kEnd, kName, kNumber, kText, kSign };
  Kind kind = Kind::kEnd;
  std::string text;  // of a text what it says
  double number = 0;
  TextRange range;
};

// All tokens, with kEnd last; `mistake` says what is none.
std::vector<PythonToken> PythonTokens(std::string_view text, std::optional<Mistake>& mistake);

}  // namespace nightjar::query::internal
