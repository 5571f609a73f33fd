// What stands at the cursor of a half-typed query, so that it can be completed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "query/expression.h"

namespace nightjar::query {

struct Completion {
  enum class Wanted : std::uint8_t {
    kCondition,  // a field, or a word to search for
    kField,      // a field, behind has:
    kKey,        // a key of `field`
    kValue,      // a value of `field`
  };
  Wanted wanted = Wanted::kCondition;
  const Field* field = nullptr;
  std::string typed;   // what of it stands before the cursor, without quotes
  TextRange replaced;  // what the completion takes the place of
  std::string rest;    // the query without the condition at the cursor
};

// `at` is a byte of the text; one behind its end is its end. Never fails.
Completion CompletionAt(std::string_view text, std::size_t at);

}  // namespace nightjar::query
