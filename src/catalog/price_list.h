// The operator's own prices, kept in the catalog, and the prices of now that follow from them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"
#include "catalog/catalog.h"
#include "pricing/current_prices.h"
#include "pricing/own_price.h"
#include "pricing/price_book.h"

namespace nightjar::catalog {

// Thread-safe. A change is on disk, has raised the version and is in current() when its call returns.
class PriceList {
 public:
  // `catalog` outlives the list. The version rises here too when the package is not that of the last time.
  static Result<std::unique_ptr<PriceList>> Open(Catalog& catalog, pricing::Package package);

  [[nodiscard]] const pricing::CurrentPrices& current() const { return current_; }

  // Called after each change with the new version, by the thread that made it; it must not change prices. Set before
  // other threads use the list.
  void OnChange(std::function<void(std::uint32_t version)> changed) { changed_ = std::move(changed); }

  // Returns it as it is kept, with its id and time. kInvalidArgument as CheckOwnPrice; kResourceExhausted: there are
  // kOwnPricesMax already.
  Result<pricing::OwnPrice> Add(pricing::OwnPrice price);
  // The price of `price.id`, but for the time it was created at. kNotFound: there is none.
  Result<pricing::OwnPrice> Replace(pricing::OwnPrice price);
  // kNotFound: there is none.
  Result<void> Delete(std::int64_t id);

 private:
  PriceList(Catalog& catalog, pricing::Package package);
  Result<void> Change(const std::function<Result<void>(internal::Connection&)>& work);

  Catalog& catalog_;
  const pricing::Package package_;
  std::function<void(std::uint32_t)> changed_;
  std::mutex mutex_;  // of changes: versions become current in their order
  pricing::CurrentPrices current_;
};

}  // namespace nightjar::catalog
