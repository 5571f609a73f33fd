#include "pipeline.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>

#include "console_exporter.h"
#include "encode.h"
#include "otlp_http_exporter.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

// A batch is closed at this size even if it holds few spans: receivers refuse requests over 64 MiB.
constexpr std::size_t kBatchBytesMax = 8U << 20;
// What may wait, in bytes. One span has at most 32 MiB.
constexpr std::size_t kQueueBytesMax = 64U << 20;

// The program's signals are handled on the program's threads; SIGPIPE of a broken connection nowhere.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

// Held by this thread from before fork() until after it, in the parent and in the child.
constinit thread_local Pipeline* t_forking = nullptr;

}  // namespace

Pipeline* Pipeline::Start(Settings settings) {
  static const int registered = pthread_atfork(&LockForFork, &UnlockAfterFork, &RestartInChild);
  if (registered != 0) return nullptr;
  auto* pipeline = new Pipeline(std::move(settings));
  pipeline->last_error_ = pipeline->settings_.warning;
  try {
    pipeline->StartWorker();
  } catch (...) {
    delete pipeline;
    throw;
  }
  g_dropped = 0;
  g_running.store(pipeline, std::memory_order_release);
  return pipeline;
}

void Pipeline::StartWorker() {
  auto worker = std::make_unique<Worker>();
  if (settings_.console) worker->exporters.push_back(std::make_unique<ConsoleExporter>());
  // Last: its result is the batch's.
  if (!settings_.endpoint.empty()) worker->exporters.push_back(std::make_unique<OtlpHttpExporter>(settings_));
  const BlockedSignals blocked;  // inherited by the thread
  worker->thread = std::thread([this, w = worker.get()] { Run(*w); });
  worker_ = std::move(worker);
}

void Pipeline::Enqueue(std::string_view span) {
  const std::lock_guard lock(mutex_);
  if (forked_ && !stopping_) {
    StartWorker();
    forked_ = false;
  }
  if (stopping_ || queued_spans_ >= settings_.queue_spans_max || queued_bytes_ + span.size() > kQueueBytesMax) {
    ++dropped_;
    return;
  }
  SpanBatch& batch = OpenBatch();
  const std::size_t before = batch.spans.size();
  WireWriter(batch.spans, DelimitedBytes(span.size())).Delimited(field::kSpans, span);
  ++batch.count;
  ++queued_spans_;
  ++accepted_;
  queued_bytes_ += batch.spans.size() - before;
  if (IsFull(batch)) worker_->wake.notify_one();
}

bool Pipeline::IsFull(const SpanBatch& batch) const {
  return batch.count >= settings_.batch_spans_max || batch.spans.size() >= kBatchBytesMax;
}

SpanBatch& Pipeline::OpenBatch() {
  if (batches_.empty() || IsFull(batches_.back())) {
    batches_.emplace_back();
    batches_.back().spans.swap(spare_);
  }
  return batches_.back();
}

SpanBatch Pipeline::TakeBatch() {
  SpanBatch batch = std::move(batches_.front());
  batches_.pop_front();
  queued_spans_ -= batch.count;
  queued_bytes_ -= batch.spans.size();
  taken_ += batch.count;
  return batch;
}

bool Pipeline::BatchIsDue() const {
  return stopping_ || taken_ < flush_target_ || (!batches_.empty() && IsFull(batches_.front()));
}

void Pipeline::Run(Worker& worker) {
  std::unique_lock lock(mutex_);
  auto scheduled = Clock::now() + settings_.schedule_delay;
  while (true) {
    worker.wake.wait_until(lock, scheduled, [&] { return BatchIsDue(); });
    if (!batches_.empty()) {
      SpanBatch batch = TakeBatch();
      lock.unlock();
      const ExportResult result = ExportTo(worker, batch);
      lock.lock();
      Settle(std::move(batch), result);
      worker.settled.notify_all();
    } else if (stopping_) {
      break;
    }
    scheduled = Clock::now() + settings_.schedule_delay;
  }
  worker.done = true;
  worker.settled.notify_all();
}

ExportResult Pipeline::ExportTo(Worker& worker, const SpanBatch& batch) noexcept try {
  ExportResult result;
  for (const auto& exporter : worker.exporters) result = exporter->Export(batch);
  return result;
} catch (...) {
  return {.exported = 0, .failed = batch.count, .error = "out of memory"};
}

void Pipeline::Settle(SpanBatch batch, const ExportResult& result) {
  settled_ += batch.count;
  exported_ += result.exported;
  failed_ += result.failed;
  if (result.failed > 0) last_error_ = result.error;
  batch.spans.clear();
  spare_ = std::move(batch.spans);
}

FlushStatus Pipeline::Flush(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (forked_) return FlushStatus::kFlushed;  // nothing ended in this process yet
  Worker& worker = *worker_;
  const std::uint64_t target = accepted_;
  const std::uint64_t failed_before = failed_;
  flush_target_ = std::max(flush_target_, target);
  worker.wake.notify_one();
  if (!worker.settled.wait_for(lock, timeout, [&] { return settled_ >= target; })) return FlushStatus::kTimedOut;
  return failed_ == failed_before ? FlushStatus::kFlushed : FlushStatus::kFailed;
}

FlushStatus Pipeline::Shutdown(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  Pipeline* self = this;
  g_running.compare_exchange_strong(self, nullptr);
  stopping_ = true;
  if (forked_) return FlushStatus::kFlushed;
  Worker& worker = *worker_;
  const std::uint64_t failed_before = failed_;
  worker.wake.notify_one();
  const bool in_time = worker.settled.wait_for(lock, timeout, [&] { return worker.done; });
  lock.unlock();
  if (!in_time) {
    for (const auto& exporter : worker.exporters) exporter->Cancel();
  }
  if (worker.thread.joinable()) worker.thread.join();
  if (!in_time) return FlushStatus::kTimedOut;
  return failed_ == failed_before ? FlushStatus::kFlushed : FlushStatus::kFailed;
}

TracingStats Pipeline::Stats() {
  const std::lock_guard lock(mutex_);
  return {.exported = exported_,
          .dropped = dropped_ + g_dropped.load(std::memory_order_relaxed),
          .failed = failed_,
          .queued = accepted_ - settled_,
          .last_error = last_error_};
}

void Pipeline::LockForFork() {
  t_forking = Running();
  if (t_forking != nullptr) t_forking->mutex_.lock();
}

void Pipeline::UnlockAfterFork() {
  if (t_forking != nullptr) t_forking->mutex_.unlock();
}

void Pipeline::RestartInChild() {
  if (t_forking == nullptr) return;
  Pipeline& pipeline = *t_forking;
  // The thread did not come along, and the connection is the parent's: neither may be touched, not even to end it.
  pipeline.left_behind_.push_back(std::move(pipeline.worker_));
  pipeline.forked_ = true;
  pipeline.batches_.clear();
  pipeline.queued_spans_ = pipeline.queued_bytes_ = 0;
  pipeline.taken_ = pipeline.settled_ = pipeline.accepted_;
  pipeline.mutex_.unlock();
}

}  // namespace nightjar::sdk
