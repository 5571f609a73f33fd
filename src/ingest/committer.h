// Turns many small requests into few inserts. One thread takes what is queued, writes it to the store, and tells each
// request how it went: success means durable and readable.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/result.h"
#include "store/span_writer.h"

namespace nightjar::ingest {

struct CommitterLimits {
  std::size_t queue_bytes_max = 256 << 20;  // waiting and being written; full: kUnavailable
  std::size_t batch_spans_max = 50'000;
  std::size_t batch_bytes_max = 64 << 20;
  // An insert costs 14-35 ms of CPU whatever its size, so small ones are kept apart; a large queue does not wait.
  std::chrono::milliseconds gap{20};
  std::size_t gap_spans = 8'192;
  // How long an engine that does not answer is waited for; OTLP clients give up after 10 s and send again.
  std::chrono::seconds outage_max{30};
};

// Thread-safe.
class Committer {
 public:
  using Done = std::function<void(Result<void>)>;

  Committer(store::SpanWriter writer, CommitterLimits limits);
  // Writes what is queued (an outage ends it early), then ends the thread.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // `done` is called once, from the committer's thread, unless this returns an error: kUnavailable, the queue is full.
  // REQUIRES: !rows.rows.empty()
  Result<void> Submit(store::RowBatch rows, Done done);

 private:
  struct Pending {
    store::RowBatch rows;
    Done done;
  };

  void Run();
  std::vector<Pending> TakeBatch();
  void Commit(std::vector<Pending> batch);
  Result<void> Write(std::span<const store::RowBatch> rows);

  const CommitterLimits limits_;
  store::SpanWriter writer_;  // used by the thread only

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Pending> queue_;
  std::size_t queued_spans_ = 0;
  std::size_t held_bytes_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace nightjar::ingest
