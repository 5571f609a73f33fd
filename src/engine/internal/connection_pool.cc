#include "engine/internal/connection_pool.h"

#include <utility>

#include "base/check.h"

namespace nightjar::engine {

ConnectionPool::ConnectionPool(std::vector<std::unique_ptr<Connection>> connections)
    : connections_(std::move(connections)) {
  CHECK(!connections_.empty());
  for (const auto& connection : connections_) free_.push_back(connection.get());
}

ConnectionPool::Lease ConnectionPool::Take(std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  const bool found = returned_.wait_for(lock, wait_max, [this] { return !free_.empty(); });
  --waiting_;
  if (!found) return {*this, nullptr};
  Connection* connection = free_.back();
  free_.pop_back();
  return {*this, connection};
}

ConnectionPool::Counts ConnectionPool::counts() const {
  const std::lock_guard lock(mutex_);
  return {connections_.size(), free_.size(), waiting_};
}

ConnectionPool::Lease::~Lease() {
  if (connection_ == nullptr) return;
  {
    const std::lock_guard lock(pool_->mutex_);
    pool_->free_.push_back(connection_);
  }
  pool_->returned_.notify_one();
}

}  // namespace nightjar::engine
