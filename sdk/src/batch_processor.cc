#include "batch_processor.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <new>
#include <utility>

namespace nightjar {
namespace sdk {
namespace {

// A batch is closed at this size even if it holds few spans: receivers refuse requests over 64 MiB.
constexpr std::size_t kBatchBytesMax = 8U << 20;
// What may wait, in bytes. One span has at most 32 MiB.
constexpr std::size_t kQueueBytesMax = 64U << 20;
// With none at all the thread would never sleep.
constexpr std::chrono::milliseconds kScheduleDelayMin{1};
// Long enough for "never", short enough for clock arithmetic.
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(24 * 365);

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

void Assign(std::string& text, std::string_view value) noexcept try { text = value; } catch (...) {
  text = "out of memory";  // takes none
}

// Keeps all processors alive. Fork handlers lock it first, then each processor that has not been stopped.
constinit std::mutex g_processors_mutex;
struct AllProcessors {
  std::vector<std::shared_ptr<BatchProcessor>> running;
  std::vector<std::shared_ptr<BatchProcessor>> stopped;
};
AllProcessors& Processors() {
  static auto* processors = new AllProcessors;
  return *processors;
}

}  // namespace

BatchProcessor::BatchProcessor(ExporterFactory factory, const BatchOptions& options)
    : factory_(std::move(factory)),
      options_{.schedule_delay = std::clamp(options.schedule_delay, kScheduleDelayMin, kTimeoutMax),
               .queue_spans_max = std::max<std::size_t>(options.queue_spans_max, 1),
               .batch_spans_max = std::clamp<std::size_t>(options.batch_spans_max, 1,
                                                          std::max<std::size_t>(options.queue_spans_max, 1))} {}

std::shared_ptr<BatchProcessor> BatchProcessor::Start(ExporterFactory factory, const BatchOptions& options) {
  AllProcessors& all = Processors();  // before the fork handlers need it
  static const int registered = pthread_atfork(&LockForFork, &UnlockAfterFork, &RestartInChild);
  if (registered != 0) return nullptr;
  std::shared_ptr<BatchProcessor> processor(new BatchProcessor(std::move(factory), options));
  const std::lock_guard lock(g_processors_mutex);
  all.running.reserve(all.running.size() + 1);
  all.stopped.reserve(all.stopped.size() + all.running.size() + 1);
  processor->StartWorker();
  all.running.push_back(processor);
  return processor;
}

void BatchProcessor::StartWorker() {
  auto worker = std::make_unique<Worker>();
  worker->exporter = factory_();
  if (worker->exporter == nullptr) throw std::bad_alloc();
  const BlockedSignals blocked;  // inherited by the thread
  worker->thread = std::thread([this, w = worker.get()] { Run(*w); });
  worker_ = std::move(worker);
}

void BatchProcessor::OnEnd(const ReadableSpan& span) noexcept try {
  if (!span.sampled()) return;
  if (stopping_.load(std::memory_order_acquire)) return CountDropped(1);
  Enqueue(span);
} catch (...) {
  CountDropped(1);  // no memory, or no thread in a forked child
}

void BatchProcessor::Enqueue(const ReadableSpan& span) {
  const std::lock_guard lock(mutex_);
  if (forked_ && !stopping_) {
    StartWorker();
    forked_ = false;
  }
  if (stopping_ || queued_spans_ >= options_.queue_spans_max || queued_bytes_ + span.otlp().size() > kQueueBytesMax) {
    ++counts_.dropped;
    return;
  }
  SpanBatch& batch = OpenBatch();
  const std::size_t before = batch.bytes();
  batch.Add(span);
  ++queued_spans_;
  ++accepted_;
  queued_bytes_ += batch.bytes() - before;
  if (IsFull(batch)) worker_->wake.notify_one();
}

bool BatchProcessor::IsFull(const SpanBatch& batch) const {
  return batch.count() >= options_.batch_spans_max || batch.bytes() >= kBatchBytesMax;
}

SpanBatch& BatchProcessor::OpenBatch() {
  if (batches_.empty() || IsFull(batches_.back())) {
    batches_.emplace_back();
    std::swap(batches_.back(), spare_);
  }
  return batches_.back();
}

SpanBatch BatchProcessor::TakeBatch() {
  SpanBatch batch = std::move(batches_.front());
  batches_.pop_front();
  queued_spans_ -= batch.count();
  queued_bytes_ -= batch.bytes();
  taken_ += batch.count();
  return batch;
}

bool BatchProcessor::BatchIsDue() const {
  return stopping_ || taken_ < flush_target_ || (!batches_.empty() && IsFull(batches_.front()));
}

void BatchProcessor::Run(Worker& worker) {
  std::unique_lock lock(mutex_);
  auto scheduled = Clock::now() + options_.schedule_delay;
  while (true) {
    worker.wake.wait_until(lock, scheduled, [&] { return BatchIsDue(); });
    if (!batches_.empty() && batches_.front().count() > 0) {
      SpanBatch batch = TakeBatch();
      lock.unlock();
      const Clock::time_point begin = Clock::now();
      const ExportResult result = ExportTo(worker, batch);
      const Clock::duration took = Clock::now() - begin;
      lock.lock();
      Settle(std::move(batch), result, took);
      worker.settled.notify_all();
    } else if (stopping_) {
      break;
    }
    scheduled = Clock::now() + options_.schedule_delay;
  }
  worker.done = true;
  worker.settled.notify_all();
}

ExportResult BatchProcessor::ExportTo(Worker& worker, const SpanBatch& batch) noexcept {
  ExportResult failed{.failed = batch.count()};
  try {
    return worker.exporter->Export(batch);
  } catch (const std::exception& exception) {
    Assign(failed.error, exception.what());
  } catch (...) {
    Assign(failed.error, "the exporter failed");
  }
  return failed;
}

void BatchProcessor::Settle(SpanBatch batch, const ExportResult& result, Clock::duration took) {
  settled_ += batch.count();
  counts_.exported += result.exported;
  counts_.failed += result.failed;
  ++counts_.exports;
  counts_.export_time += took;
  if (result.failed > 0 || !result.error.empty()) Assign(counts_.last_error, result.error);
  batch.Clear();
  spare_ = std::move(batch);
}

FlushStatus BatchProcessor::ForceFlush(std::chrono::milliseconds timeout) noexcept {
  std::unique_lock lock(mutex_);
  if (forked_) return FlushStatus::kFlushed;  // nothing ended in this process yet
  Worker& worker = *worker_;
  const std::uint64_t target = accepted_;
  const std::uint64_t failed_before = counts_.failed;
  flush_target_ = std::max(flush_target_, target);
  worker.wake.notify_one();
  if (!worker.settled.wait_for(lock, std::min(timeout, kTimeoutMax), [&] { return settled_ >= target; })) {
    return FlushStatus::kTimedOut;
  }
  return counts_.failed == failed_before ? FlushStatus::kFlushed : FlushStatus::kFailed;
}

FlushStatus BatchProcessor::Shutdown(std::chrono::milliseconds timeout) noexcept {
  Retire();
  std::unique_lock lock(mutex_);
  if (stopping_.exchange(true) || forked_) return FlushStatus::kFlushed;
  Worker& worker = *worker_;
  const std::uint64_t failed_before = counts_.failed;
  worker.wake.notify_one();
  const bool in_time = worker.settled.wait_for(lock, std::min(timeout, kTimeoutMax), [&] { return worker.done; });
  lock.unlock();
  worker.exporter->Cancel();
  if (worker.thread.joinable()) worker.thread.join();
  if (!in_time) return FlushStatus::kTimedOut;
  return counts_.failed == failed_before ? FlushStatus::kFlushed : FlushStatus::kFailed;
}

// Fork handlers leave it alone from now on.
void BatchProcessor::Retire() {
  const std::lock_guard lock(g_processors_mutex);
  AllProcessors& all = Processors();
  const auto found = std::ranges::find(all.running, this, &std::shared_ptr<BatchProcessor>::get);
  if (found == all.running.end()) return;
  all.stopped.push_back(std::move(*found));  // has room since Start()
  all.running.erase(found);
}

QueueCounts BatchProcessor::Counts() {
  const std::lock_guard lock(mutex_);
  QueueCounts counts = counts_;
  counts.queued = accepted_ - settled_;
  counts.inflight = taken_ - settled_;
  return counts;
}

void BatchProcessor::LockForFork() {
  g_processors_mutex.lock();
  for (const auto& processor : Processors().running) processor->mutex_.lock();
}

void BatchProcessor::UnlockAfterFork() {
  for (const auto& processor : Processors().running) processor->mutex_.unlock();
  g_processors_mutex.unlock();
}

void BatchProcessor::RestartInChild() {
  for (const auto& processor : Processors().running) processor->ForgetParentsWorker();
  UnlockAfterFork();
}

// The thread did not come along, and the connection is the parent's: neither may be touched, not even to end it.
void BatchProcessor::ForgetParentsWorker() {
  if (worker_ != nullptr) {
    worker_->earlier = std::move(left_behind_);
    left_behind_ = std::move(worker_);
  }
  forked_ = true;
  batches_.clear();
  queued_spans_ = queued_bytes_ = 0;
  accepted_ = taken_ = settled_ = flush_target_ = 0;
  counts_ = {};
}

}  // namespace sdk

SpanProcessorPtr BatchSpanProcessor(ExporterFactory exporter, const BatchOptions& options) noexcept try {
  return sdk::BatchProcessor::Start(std::move(exporter), options);
} catch (...) {
  return nullptr;
}

}  // namespace nightjar
