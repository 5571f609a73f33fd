// The functions that people's SQL may call: what computes from its arguments alone, in bounded time. None that reads
// files, tables, settings or the machine's state, sleeps, or calls out.
#pragma once

#include <string_view>

namespace nightjar::query::internal {

// Of either case. Aggregate functions with the combinators If, Array, Distinct, OrNull, OrDefault, ArgMin, ArgMax,
// ForEach, State and Merge too.
bool IsAllowedFunction(std::string_view name);

}  // namespace nightjar::query::internal
