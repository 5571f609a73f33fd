// The prices of now, for everybody who prices.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "pricing/price_book.h"

namespace nightjar::pricing {

// Thread-safe. The snapshot is owned by this and by whoever still prices with it.
class CurrentPrices {
 public:
  explicit CurrentPrices(std::shared_ptr<const PriceBook> book) : book_(std::move(book)) {}

  [[nodiscard]] std::shared_ptr<const PriceBook> Now() const { return book_.load(); }
  void Replace(std::shared_ptr<const PriceBook> book) { book_.store(std::move(book)); }

 private:
  std::atomic<std::shared_ptr<const PriceBook>> book_;
};

}  // namespace nightjar::pricing
