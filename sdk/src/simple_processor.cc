#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "nightjar/export.h"

namespace nightjar {
namespace {

// Long enough for "never", short enough for clock arithmetic.
constexpr std::chrono::milliseconds kTimeoutMax = std::chrono::hours(24 * 365);

class SimpleProcessor final : public SpanProcessor {
 public:
  explicit SimpleProcessor(std::unique_ptr<SpanExporter> exporter) : exporter_(std::move(exporter)) {}

  void OnEnd(const ReadableSpan& span) noexcept override {
    if (!span.sampled()) return;
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return !exporting_; });  // exports are never concurrent
    if (stopped_) return;
    exporting_ = true;
    lock.unlock();
    const bool exported = Export(span);
    lock.lock();
    exporting_ = false;
    if (!exported) failed_ = true;
    idle_.notify_all();
  }
  FlushStatus ForceFlush(std::chrono::milliseconds timeout) noexcept override {
    std::unique_lock lock(mutex_);
    return WaitUntilIdle(lock, timeout);
  }
  FlushStatus Shutdown(std::chrono::milliseconds timeout) noexcept override {
    std::unique_lock lock(mutex_);
    if (std::exchange(stopped_, true)) return FlushStatus::kFlushed;
    const FlushStatus status = WaitUntilIdle(lock, timeout);
    lock.unlock();
    exporter_->Cancel();
    return status;
  }

 private:
  bool Export(const ReadableSpan& span) noexcept try {
    SpanBatch batch;
    batch.Add(span);
    return exporter_->Export(batch).failed == 0;
  } catch (...) {
    return false;
  }
  FlushStatus WaitUntilIdle(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds timeout) {
    if (!idle_.wait_for(lock, std::min(timeout, kTimeoutMax), [this] { return !exporting_; })) {
      return FlushStatus::kTimedOut;
    }
    return std::exchange(failed_, false) ? FlushStatus::kFailed : FlushStatus::kFlushed;
  }

  const std::unique_ptr<SpanExporter> exporter_;
  std::mutex mutex_;
  std::condition_variable idle_;
  bool exporting_ = false;  // guarded by mutex_, as the next two
  bool stopped_ = false;
  bool failed_ = false;  // since the last flush
};

}  // namespace

SpanProcessorPtr SimpleSpanProcessor(std::unique_ptr<SpanExporter> exporter) noexcept try {
  if (exporter == nullptr) return nullptr;
  return std::make_shared<SimpleProcessor>(std::move(exporter));
} catch (...) {
  return nullptr;
}

}  // namespace nightjar
