// The prices of now, for everybody who prices.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "pricing/price_book.h"

namespace nightjar::pricing {

// Thread-safe. The snapshot is owned by this and by whoever still prices with it.
class CurrentPrices {
 public:
  explicit CurrentPrices(std::shared_ptr<const PriceBook> book) : book_(std::move(book)) {}

  [[nodiscard]] std::shared_ptr<const PriceBook> Now() const {
    const std::lock_guard lock(mutex_);
    return book_;
  }
  void Replace(std::shared_ptr<const PriceBook> book) {
    const std::lock_guard lock(mutex_);
    book_ = std::move(book);
  }

 private:
  // Not std::atomic<std::shared_ptr>: that of GCC 12 lets a reader race with a writer.
  mutable std::mutex mutex_;
  std::shared_ptr<const PriceBook> book_;  // guarded by mutex_
};

}  // namespace nightjar::pricing
