// Lines of provider, model and tier, then token counts as bytes: what is priced is the sum of its lines. The same bytes
// as the rates and the expressions of an own price.
#include <algorithm>
#include <boost/json/object.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/check.h"
#include "pricing/price_book.h"

namespace {

using namespace nightjar;

std::string_view TakeLine(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

std::optional<std::uint64_t> TakeCount(std::string_view& rest) {
  std::uint64_t count = 0;
  if (rest.size() < sizeof count) return std::nullopt;
  std::memcpy(&count, rest.data(), sizeof count);
  rest.remove_prefix(sizeof count);
  return count;
}

void CheckSums(const model::Cost& cost) {
  double sum = 0;
  for (const model::CostLine& line : cost.lines) sum += line.usd;
  CHECK(sum >= 0 && std::abs(sum - cost.total_usd) <= 1e-9 * sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const pricing::Package package = pricing::EmbeddedPackage();
  static const pricing::PriceBook book(package, {}, 1);
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view provider = TakeLine(rest);
  const std::string_view model = TakeLine(rest);
  const std::string_view tier = TakeLine(rest);
  const std::string_view json = rest;
  model::TokenUsage tokens;
  for (auto* count : {&tokens.prompt, &tokens.completion, &tokens.cache_read, &tokens.cache_write,
                      &tokens.cache_write_1h, &tokens.reasoning, &tokens.prompt_audio, &tokens.completion_audio})
    *count = TakeCount(rest);
  const UnixNanos time = TakeCount(rest).value_or(0);
  const pricing::Priced priced = book.PriceOf({provider, model, tier, time, tokens});
  CHECK(priced.cost.has_value() == priced.unpriced.empty());
  if (priced.cost) CheckSums(*priced.cost);

  pricing::OwnPrice own{
      .provider = std::string(provider), .model = std::string(model), .valid_from = std::string(tier)};
  const auto parsed = ParseJson(json);
  if (!parsed || !parsed->is_object()) return 0;
  const auto rates = pricing::ReadRates(parsed->get_object());
  if (!rates) return 0;
  CHECK(pricing::ReadRates(pricing::ToJson(*rates)).value() == *rates);
  own.rates = *rates;
  if (!pricing::CheckOwnPrice(own)) return 0;
  const pricing::PriceBook own_book(package, {own}, 1);
  const pricing::Priced by_own = own_book.PriceOf({"openai", "gpt-4o", "", time, tokens});
  if (by_own.cost) CheckSums(*by_own.cost);
  return 0;
}
