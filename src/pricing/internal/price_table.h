// The data package's prices: providers, their models, and what those charge when.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pricing/internal/clause.h"
#include "pricing/internal/validity.h"
#include "pricing/rates.h"

namespace nightjar::pricing::internal {

struct DatedRates {
  Validity validity;
  Rates rates;
};

// Rates that replace the standard ones for requests of a kind: {"processing": "batch"}, {"service_tier": "flex"}.
struct Variant {
  std::map<std::string, std::string, std::less<>> when;
  DatedRates price;
};

struct PackageModel {
  std::string id;
  Clause match;
  std::vector<DatedRates> prices;  // not empty; the last that holds counts, else the first
  std::vector<Variant> variants;
};

struct PackageProvider {
  std::string id;
  std::optional<Clause> provider_match;
  std::optional<Clause> model_match;  // models that tell their provider
  std::vector<std::string> fallback;  // providers whose models this one offers too
  std::vector<PackageModel> models;   // the first that matches counts
};

struct PriceTable {
  std::string source;  // "genai-prices 0.2.3"
  std::vector<PackageProvider> providers;
};

// What tools/convert_prices.py writes. kInvalidArgument: it is something else.
Result<PriceTable> ReadPriceTable(std::string_view text);

}  // namespace nightjar::pricing::internal
