// Threads for work that may block or burn CPU, behind a bounded queue, so that the I/O threads stay free.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nightjar::server::internal {

// Thread-safe. Tasks must not throw.
class WorkerPool {
 public:
  WorkerPool(int threads, std::size_t queue_max);
  ~WorkerPool();

  // False, and the task dropped, when the queue is full or Stop() was called.
  [[nodiscard]] bool TryRun(std::move_only_function<void()> task);
  // The same for work that was begun: the queue takes it however long it is.
  [[nodiscard]] bool GoOn(std::move_only_function<void()> task);

  // Drops what is queued, waits for what runs. Later calls do nothing.
  void Stop();

 private:
  bool Enqueue(std::move_only_function<void()> task, std::size_t queue_max);
  void Work();

  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::move_only_function<void()>> queue_;
  bool stopping_ = false;

  std::vector<std::jthread> threads_;
};

}  // namespace nightjar::server::internal
