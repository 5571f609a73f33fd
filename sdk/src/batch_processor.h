// The way of a finished span from the program's threads to an exporter: a bounded queue and one thread behind it.
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
#include <thread>
#include <vector>

#include "nightjar/export.h"

namespace nightjar::sdk {

// What became of the spans of one processor.
struct QueueCounts {
  std::uint64_t exported = 0;
  std::uint64_t failed = 0;
  std::uint64_t dropped = 0;
  std::uint64_t queued = 0;    // wait or are being sent
  std::uint64_t inflight = 0;  // of those, being sent
  std::uint64_t exports = 0;
  std::chrono::nanoseconds export_time{0};
  std::string last_error;
};

// Thread-safe. Never destroyed once started: a span may end after Shutdown, or while the process exits.
class BatchProcessor final : public SpanProcessor {
 public:
  // Null when no thread can be started.
  static std::shared_ptr<BatchProcessor> Start(ExporterFactory factory, const BatchOptions& options);

  // Counts spans that were lost before they reached a queue, for want of memory.
  static void CountDropped(std::uint64_t spans) noexcept { g_dropped.fetch_add(spans, std::memory_order_relaxed); }
  static std::uint64_t CountedDropped() noexcept { return g_dropped.load(std::memory_order_relaxed); }

  void OnEnd(const ReadableSpan& span) noexcept override;
  FlushStatus ForceFlush(std::chrono::milliseconds timeout) noexcept override;
  FlushStatus Shutdown(std::chrono::milliseconds timeout) noexcept override;
  QueueCounts Counts();

 private:
  using Clock = std::chrono::steady_clock;

  // What a forked child must not touch again: the parent's thread, its connections, what waits on its signals.
  struct Worker {
    std::unique_ptr<SpanExporter> exporter;
    std::condition_variable wake;     // of the thread
    std::condition_variable settled;  // of those who wait for a flush
    std::thread thread;
    bool done = false;
    std::unique_ptr<Worker> earlier;  // of the parent process
  };

  BatchProcessor(ExporterFactory factory, const BatchOptions& options);
  void StartWorker();
  void Run(Worker& worker);
  void Enqueue(const ReadableSpan& span);
  SpanBatch& OpenBatch();
  SpanBatch TakeBatch();
  void Settle(SpanBatch batch, const ExportResult& result, Clock::duration took);
  static ExportResult ExportTo(Worker& worker, const SpanBatch& batch) noexcept;
  [[nodiscard]] bool BatchIsDue() const;
  [[nodiscard]] bool IsFull(const SpanBatch& batch) const;
  static void LockForFork();
  static void UnlockAfterFork();
  static void RestartInChild();
  void ForgetParentsWorker();
  void Retire();

  static inline std::atomic<std::uint64_t> g_dropped{0};

  const ExporterFactory factory_;
  const BatchOptions options_;

  std::mutex mutex_;  // guards all below, except that worker_'s exporter belongs to its thread
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<Worker> left_behind_;  // the worker of the parent process, and of its parents
  std::deque<SpanBatch> batches_;
  SpanBatch spare_;  // the memory of a delivered batch, for the next one
  std::size_t queued_spans_ = 0;
  std::size_t queued_bytes_ = 0;
  std::uint64_t accepted_ = 0;      // spans queued ever
  std::uint64_t taken_ = 0;         // of those, taken by the worker
  std::uint64_t settled_ = 0;       // of those, exported or failed
  std::uint64_t flush_target_ = 0;  // the worker takes batches until taken_ reaches it
  QueueCounts counts_;
  std::atomic<bool> stopping_{false};  // read without the mutex too
  bool forked_ = false;                // the worker thread stayed in the parent process
};

}  // namespace nightjar::sdk
