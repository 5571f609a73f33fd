#include "pricing/rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

namespace nightjar::pricing {
namespace {

constexpr std::array<std::string_view, kRateKinds> kNames{
    "input",       "cache_read", "cache_write",  "cache_write_1h",   "input_audio",
    "input_image", "output",     "output_audio", "output_reasoning", "request",
};
constexpr double kUsdMax = 1e9;
constexpr std::size_t kTiersMax = 16;

Result<double> ReadUsd(std::string_view name, const json::value* value) {
  boost::system::error_code error;
  const double usd = value != nullptr ? value->to_number<double>(error) : -1;
  if (error || !(usd >= 0 && usd <= kUsdMax))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the rate {} is {}; it must be a number of US dollars from 0 to 1e9", name,
                            value != nullptr ? nightjar::ToJson(*value) : "missing"));
  return usd;
}

Result<Tier> ReadTier(std::string_view name, const json::value& value) {
  const json::object* object = value.if_object();
  const json::value* above = object != nullptr ? object->if_contains("above") : nullptr;
  boost::system::error_code error;
  const auto tokens = above != nullptr ? above->to_number<std::uint64_t>(error) : 0;
  if (above == nullptr || error || tokens == 0)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a tier of the rate {} must be {{\"above\": tokens, \"rate\": dollars}}", name));
  ASSIGN_OR_RETURN(const double usd, ReadUsd(name, object->if_contains("rate")));
  return Tier{tokens, usd};
}

Result<Rate> ReadRate(std::string_view name, const json::value& value) {
  const json::object* object = value.if_object();
  Rate rate;
  ASSIGN_OR_RETURN(rate.base_usd, ReadUsd(name, object != nullptr ? object->if_contains("base") : &value));
  const json::value* tiers = object != nullptr ? object->if_contains("tiers") : nullptr;
  if (tiers == nullptr) return rate;
  if (!tiers->is_array() || tiers->get_array().size() > kTiersMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the tiers of the rate {} must be a list of at most {}", name, kTiersMax));
  for (const json::value& item : tiers->get_array()) {
    ASSIGN_OR_RETURN(const Tier tier, ReadTier(name, item));
    if (!rate.tiers.empty() && tier.above <= rate.tiers.back().above)
      return Fail(ErrorCode::kInvalidArgument, fmt::format("the tiers of the rate {} must ascend", name));
    rate.tiers.push_back(tier);
  }
  return rate;
}

}  // namespace

std::string_view Name(RateKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

const Tier* Rate::TierOf(std::uint64_t prompt_tokens) const {
  const Tier* highest = nullptr;
  for (const Tier& tier : tiers)
    if (prompt_tokens > tier.above) highest = &tier;
  return highest;
}

double Rate::At(std::uint64_t prompt_tokens) const {
  const Tier* tier = TierOf(prompt_tokens);
  return tier != nullptr ? tier->usd : base_usd;
}

Result<Rates> ReadRates(const json::object& object) {
  Rates rates;
  for (const auto& [key, value] : object) {
    const auto found = std::ranges::find(kNames, std::string_view(key));
    if (found == kNames.end())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("there is no rate {}; there are: {}", std::string_view(key), fmt::join(kNames, ", ")));
    ASSIGN_OR_RETURN(rates.by_kind[static_cast<std::size_t>(found - kNames.begin())], ReadRate(key, value));
  }
  return rates;
}

json::object ToJson(const Rates& rates) {
  json::object out;
  for (std::size_t i = 0; i < kRateKinds; ++i) {
    if (!rates.by_kind[i]) continue;
    const Rate& rate = *rates.by_kind[i];
    if (rate.tiers.empty()) {
      out[kNames[i]] = rate.base_usd;
      continue;
    }
    json::array tiers;
    for (const Tier& tier : rate.tiers) tiers.push_back({{"above", tier.above}, {"rate", tier.usd}});
    out[kNames[i]] = {{"base", rate.base_usd}, {"tiers", std::move(tiers)}};
  }
  return out;
}

}  // namespace nightjar::pricing
