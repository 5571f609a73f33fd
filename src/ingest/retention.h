// Erases what projects keep no longer: at the start, every hour, and when Check is called.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "ingest/ingest.h"

namespace nightjar::ingest {

struct KeptFor {
  std::string project;
  std::int64_t days = 0;
};

// Thread-safe.
class Retention {
 public:
  // `rules` tells what is kept for how long; other projects keep all. `ingest` outlives this.
  Retention(std::function<Result<std::vector<KeptFor>>()> rules, Ingest& ingest);
  // Ends within a second or two, also while the engine hangs: what has begun goes on, or is done by the next start.
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  // The rules have changed.
  void Check();

 private:
  void Run(const std::stop_token& stop);
  void Pass(const std::stop_token& stop);

  const std::function<Result<std::vector<KeptFor>>()> rules_;
  Ingest& ingest_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool check_wanted_ = true;  // guarded by mutex_
  std::jthread thread_;       // last: it uses the others
};

}  // namespace nightjar::ingest
