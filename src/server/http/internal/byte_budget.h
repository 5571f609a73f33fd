// The bytes that requests may hold at once, over all connections.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace nightjar::server::internal {

// Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False, and nothing taken, when fewer than `bytes` are left.
  [[nodiscard]] bool TryTake(std::size_t bytes) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
  }
  [[nodiscard]] std::size_t left() const { return bytes_max_ - used_.load(std::memory_order_relaxed); }
  void Return(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_ = 0;
};

// One request's share of the budget, given back at its end. One thread at a time.
class ByteCharge {
 public:
  // `budget` is owned by the server and by the charges: a request may outlive the server in a handler's hands.
  explicit ByteCharge(std::shared_ptr<ByteBudget> budget) : budget_(std::move(budget)) {}
  ~ByteCharge() { budget_->Return(bytes_); }
  ByteCharge(const ByteCharge&) = delete;
  ByteCharge& operator=(const ByteCharge&) = delete;

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // False, and nothing changed, when the budget does not have that much. Shrinking always passes.
  [[nodiscard]] bool TryResize(std::size_t bytes) {
    if (bytes > bytes_ && !budget_->TryTake(bytes - bytes_)) return false;
    if (bytes < bytes_) budget_->Return(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }

 private:
  const std::shared_ptr<ByteBudget> budget_;
  std::size_t bytes_ = 0;
};

}  // namespace nightjar::server::internal
