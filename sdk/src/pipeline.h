// The way of a finished span from the program's threads to the exporters: a bounded queue and one thread behind it.
//
// The queue is a list of batches under construction. A program's thread copies its span's bytes into the last batch
// under a lock; the worker takes batches from the front, full ones at once, others when the schedule delay has passed
// or somebody waits for a flush.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "exporter.h"
#include "nightjar/tracing.h"
#include "settings.h"

namespace nightjar::sdk {

// Thread-safe. Never destroyed: a span may end after tracing was shut down, or while the process exits.
class Pipeline {
 public:
  // Null when no thread can be started.
  static Pipeline* Start(Settings settings);

  // The pipeline new spans go to; null when tracing is off.
  static Pipeline* Running() noexcept { return g_running.load(std::memory_order_acquire); }

  // Counts spans that were lost before they reached a pipeline's queue.
  static void CountDropped(std::uint64_t spans) noexcept { g_dropped.fetch_add(spans, std::memory_order_relaxed); }

  [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

  // Queues one encoded span, or drops and counts it when the queue is full or tracing was shut down.
  void Enqueue(std::string_view span);

  FlushStatus Flush(std::chrono::milliseconds timeout);
  FlushStatus Shutdown(std::chrono::milliseconds timeout);
  TracingStats Stats();

 private:
  using Clock = std::chrono::steady_clock;

  // What a forked child must not touch again: the parent's thread, its connections, what waits on its signals.
  struct Worker {
    std::vector<std::unique_ptr<Exporter>> exporters;
    std::condition_variable wake;     // of the thread
    std::condition_variable settled;  // of those who wait for a flush
    std::thread thread;
    bool done = false;
  };

  explicit Pipeline(Settings settings) : settings_(std::move(settings)) {}
  void StartWorker();
  void Run(Worker& worker);
  SpanBatch& OpenBatch();
  SpanBatch TakeBatch();
  void Settle(SpanBatch batch, const ExportResult& result);
  static ExportResult ExportTo(Worker& worker, const SpanBatch& batch) noexcept;
  [[nodiscard]] bool BatchIsDue() const;
  [[nodiscard]] bool IsFull(const SpanBatch& batch) const;
  static void LockForFork();
  static void UnlockAfterFork();
  static void RestartInChild();

  static inline std::atomic<Pipeline*> g_running{nullptr};
  static inline std::atomic<std::uint64_t> g_dropped{0};

  const Settings settings_;

  std::mutex mutex_;  // guards all below, except that worker_'s exporters belong to its thread
  std::unique_ptr<Worker> worker_;
  std::vector<std::unique_ptr<Worker>> left_behind_;  // the workers of parent processes
  std::deque<SpanBatch> batches_;
  std::string spare_;  // the buffer of a delivered batch, for the next one
  std::size_t queued_spans_ = 0;
  std::size_t queued_bytes_ = 0;
  std::uint64_t accepted_ = 0;      // spans queued ever
  std::uint64_t taken_ = 0;         // of those, taken by the worker
  std::uint64_t settled_ = 0;       // of those, exported or failed
  std::uint64_t flush_target_ = 0;  // the worker takes batches until taken_ reaches it
  std::uint64_t exported_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t dropped_ = 0;
  std::string last_error_;
  bool stopping_ = false;
  bool forked_ = false;  // the worker thread stayed in the parent process
};

}  // namespace nightjar::sdk
