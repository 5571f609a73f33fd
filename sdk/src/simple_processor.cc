#include <mutex>

#include "nightjar/export.h"

namespace nightjar {
namespace {

class SimpleProcessor final : public SpanProcessor {
 public:
  explicit SimpleProcessor(std::unique_ptr<SpanExporter> exporter) : exporter_(std::move(exporter)) {}

  void OnEnd(const ReadableSpan& span) noexcept override try {
    if (!span.sampled()) return;
    SpanBatch batch;
    batch.Add(span);
    const std::lock_guard lock(mutex_);  // exports are never concurrent
    if (stopped_) return;
    if (exporter_->Export(batch).failed > 0) failed_ = true;
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failed_ = true;
  }
  FlushStatus ForceFlush(std::chrono::milliseconds /*timeout*/) noexcept override {
    const std::lock_guard lock(mutex_);
    return std::exchange(failed_, false) ? FlushStatus::kFailed : FlushStatus::kFlushed;
  }
  FlushStatus Shutdown(std::chrono::milliseconds timeout) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    return ForceFlush(timeout);
  }

 private:
  const std::unique_ptr<SpanExporter> exporter_;
  std::mutex mutex_;
  bool stopped_ = false;  // guarded by mutex_, as the next
  bool failed_ = false;   // since the last flush
};

}  // namespace

SpanProcessorPtr SimpleSpanProcessor(std::unique_ptr<SpanExporter> exporter) noexcept try {
  if (exporter == nullptr) return nullptr;
  return std::make_shared<SimpleProcessor>(std::move(exporter));
} catch (...) {
  return nullptr;
}

}  // namespace nightjar
