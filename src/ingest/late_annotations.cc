#include "ingest/late_annotations.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/now.h"

namespace nightjar::ingest {
namespace {

constexpr std::chrono::seconds kPause{1};
constexpr UnixNanos kPatienceNs = 3'600'000'000'000;

}  // namespace

LateAnnotations::LateAnnotations(store::Annotations annotations)
    : annotations_(annotations),
      any_(!annotations_.AreNone().value_or(false)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

LateAnnotations::~LateAnnotations() = default;

Result<void> LateAnnotations::Put(std::vector<store::Annotation> annotations, bool must_exist) {
  any_ = true;
  RETURN_IF_ERROR(annotations_.Put(std::move(annotations), must_exist, Now()));
  const std::lock_guard lock(mutex_);
  may_wait_ = may_wait_ || !must_exist;
  changed_.notify_one();
  return {};
}

void LateAnnotations::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return may_wait_; })) return;
      changed_.wait_for(lock, stop, kPause, [] { return false; });
      if (stop.stop_requested()) return;
      may_wait_ = false;
    }
    const Result<std::size_t> waiting = annotations_.Resolve(Now(), kPatienceNs);
    if (!waiting) spdlog::debug("what annotations are of was not looked for: {}", waiting.error().message);
    const std::lock_guard lock(mutex_);
    may_wait_ = may_wait_ || !waiting || *waiting > 0;
  }
}

}  // namespace nightjar::ingest
