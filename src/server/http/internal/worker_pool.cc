#include "server/http/internal/worker_pool.h"

#include <cstdint>
#include <utility>

#include "base/check.h"

namespace nightjar::server::internal {

WorkerPool::WorkerPool(int threads, std::size_t queue_max) : queue_max_(queue_max) {
  CHECK(threads > 0);
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TryRun(std::move_only_function<void()> task) { return Enqueue(std::move(task), queue_max_); }

bool WorkerPool::GoOn(std::move_only_function<void()> task) { return Enqueue(std::move(task), SIZE_MAX); }

bool WorkerPool::Enqueue(std::move_only_function<void()> task, std::size_t queue_max) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max) return false;
    queue_.push_back(std::move(task));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::Stop() {
  std::deque<std::move_only_function<void()>> dropped;  // destroyed outside the lock
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
  }
  changed_.notify_all();
  threads_.clear();
}

void WorkerPool::Work() {
  while (true) {
    std::move_only_function<void()> task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      task = std::move(queue_.front());
      queue_.pop_front();
    }
    task();
  }
}

}  // namespace nightjar::server::internal
