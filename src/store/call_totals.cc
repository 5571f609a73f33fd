#include "store/call_totals.h"

#include <fmt/format.h>

namespace nightjar::store {

// Bits of `known`: 0 to 5 the token counts, 6 the reported cost, 7 the computed one, 9 estimated.
std::string CallTotalsSql(std::string_view is_call) {
  return fmt::format(
      "countIf({0}), groupBitOrIf(known, {0}), sumIf(prompt_tokens, {0}), sumIf(completion_tokens, {0}), "
      "sumIf(total_tokens, {0}), sumIf(cache_read_tokens, {0}), sumIf(cache_write_tokens, {0}), "
      "sumIf(reasoning_tokens, {0}), sumIf(if(bitTest(known, 7), cost_usd, reported_cost_usd), {0}), "
      "sumIf(cache_savings_usd, {0}), countIf({0} AND bitAnd(known, 7) != 0 AND bitAnd(known, 192) = 0), "
      "countIf({0} AND bitTest(known, 9)), countIf({0} AND {1})",
      is_call, kCountsAreImpossible);
}

CallTotals ReadCallTotals(const NativeBlock& block, std::size_t row, std::size_t& first) {
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(first++); };
  CallTotals totals;
  totals.calls = column().Fixed<std::uint64_t>(row);
  const auto known = column().Fixed<std::uint16_t>(row);
  const auto sum = [&]<typename T>(unsigned bits, std::optional<T>& out) {
    const T value = column().Fixed<T>(row);
    if ((known & bits) != 0) out = value;
  };
  sum(1U << 0, totals.prompt_tokens);
  sum(1U << 1, totals.completion_tokens);
  sum(1U << 2, totals.total_tokens);
  sum(1U << 3, totals.cache_read_tokens);
  sum(1U << 4, totals.cache_write_tokens);
  sum(1U << 5, totals.reasoning_tokens);
  sum(1U << 6 | 1U << 7, totals.cost_usd);
  sum(1U << 7, totals.cache_savings_usd);
  totals.unpriced_calls = column().Fixed<std::uint64_t>(row);
  totals.estimated_calls = column().Fixed<std::uint64_t>(row);
  totals.impossible_calls = column().Fixed<std::uint64_t>(row);
  return totals;
}

}  // namespace nightjar::store
