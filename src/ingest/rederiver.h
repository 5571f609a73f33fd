// Derives the columns of stored spans again when the rules or the prices that they were derived by are not the newest
// any more. In the background, a chunk at a time between two batches of the committer, with pauses; after a restart it
// goes on where it was. Nothing is asked of the engine but at the start and when Check is called.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "ingest/row_rewriter.h"
#include "journal/journal.h"
#include "store/stale_spans.h"

namespace nightjar::ingest {

struct RederiverLimits {
  std::size_t chunk_spans_max = 2000;
  std::uint64_t chunk_bytes_max = 64 << 20;    // of spans, and of their bodies; one span alone may have more
  std::uint64_t backlog_bytes_max = 16 << 20;  // in the journal; above it the work waits
  std::chrono::milliseconds keep_every{5000};  // how often its progress is kept
  int pause_share = 2;                         // a pause is as many times as long as the chunk before it took
};

struct RederiverState {
  enum class Phase { kIdle, kChecking, kRunning, kWaiting };  // kWaiting: for the engine or a backlog
  Phase phase = Phase::kChecking;
  store::Derivation derivation;  // the newest, as of the last check
  std::uint64_t done = 0;        // spans, of the work that runs or ran last
  std::uint64_t left = 0;        // about as many
  std::uint64_t failed = 0;      // spans that could not be read, since the start
};

// Thread-safe.
class Rederiver {
 public:
  // The rules and prices of now. By them or newer ones the rewriter makes rows.
  using Newest = std::function<store::Derivation()>;

  // Checks once at the start. The references outlive the rederiver.
  Rederiver(store::StaleSpans spans, RowRewriter& rewriter, const journal::Journal& journal, Newest newest);
  // Ends after the call of the engine that is under way.
  ~Rederiver();
  Rederiver(const Rederiver&) = delete;
  Rederiver& operator=(const Rederiver&) = delete;

  // Rules or prices have changed, or may have.
  void Check();
  [[nodiscard]] RederiverState state() const;

 private:
  void Run();
  // Whether there was something to do.
  Result<bool> Pass();
  Result<store::RederivationMark> Begin(const store::Derivation& newest);
  // How much of the time it worked: not in the pauses.
  Result<std::chrono::steady_clock::duration> Work(store::RederivationMark& mark);
  // Whether there may be more. `spans_max` becomes smaller when the chunk cannot be done, and larger when it can.
  Result<bool> NextChunk(store::RederivationMark& mark, std::size_t& spans_max);
  Result<bool> TryChunk(store::RederivationMark& mark, std::size_t spans_max);
  // False when told to stop.
  bool WaitFor(std::chrono::milliseconds time);
  bool WaitForCalm();
  void SetPhase(RederiverState::Phase phase);

  const RederiverLimits limits_;
  const store::StaleSpans spans_;
  RowRewriter& rewriter_;
  const journal::Journal& journal_;
  const Newest newest_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  RederiverState state_;
  bool check_wanted_ = true;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace nightjar::ingest
