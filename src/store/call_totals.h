// Sums over provider calls, for every reader that adds calls up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/native_reader.h"

namespace nightjar::store {

// Sums over the calls in which each is known; nothing where it is known in none.
struct CallTotals {
  std::uint64_t calls = 0;
  std::optional<std::uint64_t> prompt_tokens, completion_tokens, total_tokens;
  std::optional<std::uint64_t> cache_read_tokens, cache_write_tokens, reasoning_tokens;
  std::optional<double> cost_usd;           // computed, else as the client reported it
  std::optional<double> cache_savings_usd;  // where the cost is computed
  std::uint64_t unpriced_calls = 0;         // with tokens, but no cost
  std::uint64_t estimated_calls = 0;        // whose tokens a library estimated
  std::uint64_t impossible_calls = 0;       // whose counts contradict each other: kCountsAreImpossible
};

// A condition on rows of nightjar.spans: a part of the tokens is more than the whole.
constexpr const char* kCountsAreImpossible =
    "((bitAnd(known, 7) = 7 AND prompt_tokens + completion_tokens > total_tokens) "
    "OR (bitAnd(known, 34) = 34 AND reasoning_tokens > completion_tokens) "
    "OR (bitTest(known, 0) AND cache_read_tokens + cache_write_tokens > prompt_tokens))";

// Columns of a SELECT … GROUP BY over rows of nightjar.spans, of which `is_call`, an expression, are added up.
std::string CallTotalsSql(std::string_view is_call);

// Reads them from the columns `first` and after of the answer; leaves `first` after them.
CallTotals ReadCallTotals(const NativeBlock& block, std::size_t row, std::size_t& first);

}  // namespace nightjar::store
