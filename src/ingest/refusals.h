// The last requests that were refused, wholly or in part: what came, why it was not taken, what to change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"

namespace nightjar::ingest {

constexpr std::size_t kRefusalsKept = 100;

struct Refusal {
  UnixNanos time_unix_ns = 0;
  int status = 0;  // HTTP status of the answer; 200 for a partial success
  std::string path;
  std::string remote;  // "127.0.0.1:51234"
  std::string reason;
  std::string fix;  // one sentence; may be empty
};

// Thread-safe.
class RefusalLog {
 public:
  void Add(Refusal refusal);
  // Newest first.
  [[nodiscard]] std::vector<Refusal> Newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Refusal> refusals_;  // guarded by mutex_; newest first
};

}  // namespace nightjar::ingest
