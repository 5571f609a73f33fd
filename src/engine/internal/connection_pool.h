// Connections that wait for a statement. One statement at a time on each, so the pool is also the queue of its kind:
// queries, inserts and users each have their own, and none can starve another.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/internal/chdb.h"

namespace nightjar::engine {

// Thread-safe.
class ConnectionPool {
 public:
  // A connection lent to one thread; goes back when the lease goes. Empty when the wait was too long.
  class Lease {
   public:
    Lease(ConnectionPool& pool, Connection* connection) : pool_(&pool), connection_(connection) {}
    Lease(Lease&&) = delete;
    ~Lease();
    explicit operator bool() const { return connection_ != nullptr; }
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_; }

   private:
    ConnectionPool* pool_;
    Connection* connection_;
  };

  struct Counts {
    std::size_t size = 0;
    std::size_t free = 0;
    std::size_t waiting = 0;
  };

  // REQUIRES: !connections.empty()
  explicit ConnectionPool(std::vector<std::unique_ptr<Connection>> connections);

  Lease Take(std::chrono::milliseconds wait_max);
  [[nodiscard]] Counts counts() const;

 private:
  const std::vector<std::unique_ptr<Connection>> connections_;
  mutable std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Connection*> free_;  // guarded by mutex_; the last one back goes out first, its caches are warm
  std::size_t waiting_ = 0;        // guarded by mutex_
};

}  // namespace nightjar::engine
