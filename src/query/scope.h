// What within(…: …) can ask of: one table for the parser, the card of the UI and the reference page.
#pragma once

#include <span>
#include <string_view>

#include "query/expression.h"

namespace nightjar::query {

struct Scope {
  std::string_view word;
  Expression::Within within;
  std::string_view meaning;
  std::string_view example;
};

// In the order in which people read them.
std::span<const Scope> Scopes();

}  // namespace nightjar::query
