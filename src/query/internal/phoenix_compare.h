// Comparisons of Phoenix's filters, as conditions with SQL's three values.
#pragma once

#include <optional>
#include <string_view>

#include "query/internal/phoenix_parts.h"

namespace nightjar::query::internal {

// Each gives nothing after a mistake.

// That what the name stands for is there.
Condition3 Whether(const Reference& reference);

// "==", "<", "is", "in", "not in" …, from the front of the left piece to the end of the right.
std::optional<Condition3> Compare(const Piece& left, std::string_view sign, const Piece& right, Mistakes& mistakes);

// The piece as a number, in the unit in which it is written.
std::optional<Number> NumberIn(const Piece& piece, Mistakes& mistakes);

}  // namespace nightjar::query::internal
