// What a field is compared with, as text.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "query/expression.h"

namespace nightjar::query::internal {

// A value as it stands in a query, without its quotes.
struct Written {
  std::string text;
  bool quoted = false;  // then a * is a star
};

// The value for a comparison with `field`, or what is wrong with it.
// REQUIRES: op != Operator::kExists
std::expected<Value, std::string> ReadValue(const Field& field, Operator op, const Written& written);

// What ReadValue reads back as the same value.
std::string ValueText(const Field& field, const Value& value);

std::string InQuotes(std::string_view text);

}  // namespace nightjar::query::internal
