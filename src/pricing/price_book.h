// Prices of models, and what a call costs by them.
//
// Own prices win over those of the data package genai-prices, which is in the program. What cannot be priced is said,
// and never guessed: an unknown model or tier, tokens of which the price knows no rate, counts that cannot be.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "model/cost.h"
#include "model/llm_view.h"
#include "pricing/own_price.h"

namespace nightjar::pricing {

namespace internal {
struct PriceTable;
struct Match;
struct OwnMatcher;
}  // namespace internal

// The data package's prices. Immutable; shared by every PriceBook and whoever makes one.
using Package = std::shared_ptr<const internal::PriceTable>;
Package EmbeddedPackage();                           // reads the program's own table: some milliseconds
Result<Package> ReadPackage(std::string_view text);  // of the same form, for tests
std::string_view SourceOf(const Package& package);   // "genai-prices 0.2.3"

// A call, as far as its price depends on it. Views outlive the call of PriceOf.
struct Call {
  std::string_view provider;  // OpenInference's lower-case name; may be empty
  std::string_view model;
  std::string_view
      service_tier;    // as sent: "batch", "flex" …; "", "default", "standard", "auto" and "on_demand" are one
  UnixNanos time = 0;  // its start
  const model::TokenUsage& tokens;
};

struct Priced {
  std::optional<model::Cost> cost;
  std::string unpriced;  // why there is no cost, in words
};

// A price for people to look at: one of a model in the package, at one time.
struct ListedPrice {
  std::string provider;
  std::string model;
  std::string valid_from;
  std::string condition;  // "daily 00:30-16:30 UTC", "processing=batch"; empty: always
  Rates rates;
};

// An immutable snapshot; thread-safe. Owners: whoever holds the pointer while it prices.
class PriceBook {
 public:
  // REQUIRES: each own price passes CheckOwnPrice
  PriceBook(Package package, std::vector<OwnPrice> own, std::uint32_t version);
  ~PriceBook();
  PriceBook(const PriceBook&) = delete;
  PriceBook& operator=(const PriceBook&) = delete;

  Priced PriceOf(const Call& call) const;

  // Rises with every change of own prices and with another data package: what was priced by less is out of date.
  std::uint32_t version() const { return version_; }
  const std::vector<OwnPrice>& own() const { return own_; }
  const Package& package() const { return package_; }

  // Of the package, those whose "provider/model" has `text` in it, in the package's order, at most `limit`.
  std::vector<ListedPrice> Search(std::string_view text, std::size_t limit) const;

 private:
  std::shared_ptr<const internal::Match> Find(std::string_view provider, std::string_view model) const;

  const Package package_;
  const std::vector<OwnPrice> own_;
  const std::uint32_t version_;
  const std::vector<internal::OwnMatcher> matchers_;  // of own_

  mutable std::mutex mutex_;
  // What provider and model mean, for the names that come again and again.
  mutable std::unordered_map<std::string, std::shared_ptr<const internal::Match>> found_;
};

}  // namespace nightjar::pricing
