// Annotations that came before what they are of: an exporter holds spans back for seconds, feedback does not wait.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "store/annotations.h"

namespace nightjar::ingest {

// Thread-safe. Looks for the targets every second while any are missing, and for an hour at most.
class LateAnnotations {
 public:
  explicit LateAnnotations(store::Annotations annotations);
  // Ends after the call of the engine that is under way.
  ~LateAnnotations();
  LateAnnotations(const LateAnnotations&) = delete;
  LateAnnotations& operator=(const LateAnnotations&) = delete;

  // As store::Annotations::Put.
  Result<void> Put(std::vector<store::Annotation> annotations, bool must_exist);
  // Whether there may be annotations at all: most installations have none, and need not ask for each trace.
  [[nodiscard]] bool any() const { return any_; }

 private:
  void Run(const std::stop_token& stop);

  store::Annotations annotations_;
  std::atomic<bool> any_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool may_wait_ = true;  // guarded by mutex_: some wait perhaps, also since before a restart
  std::jthread thread_;   // last: it uses the others
};

}  // namespace nightjar::ingest
