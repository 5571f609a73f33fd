// The last requests that were refused, wholly or in part, or stored with a warning: what came, why, what to change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "otlp/signal.h"

namespace nightjar::ingest {

constexpr std::size_t kRefusalsKept = 100;
constexpr std::size_t kRefusalTextCharactersMax = 500;  // of path and reason, which may quote what was sent

struct Refusal {
  UnixNanos time_unix_ns = 0;
  int status = 0;      // HTTP status of the answer; 200 for a partial success or a warning
  std::string path;    // empty: not known
  std::string remote;  // "127.0.0.1:51234"
  std::string reason;
  std::string fix;  // one sentence; may be empty
  std::optional<otlp::Signal> signal;
};

// Refusals of the same sender (host), path, status and reason.
struct RefusalRow {
  Refusal last;
  UnixNanos first_time_unix_ns = 0;
  std::uint64_t count = 1;
};

// Thread-safe.
class RefusalLog {
 public:
  void Add(Refusal refusal);
  // By the time of their last one, newest first.
  [[nodiscard]] std::vector<RefusalRow> Newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<RefusalRow> rows_;  // guarded by mutex_; newest first
};

}  // namespace nightjar::ingest
