// Moves what the journal acknowledged into the engine, in order, in few large inserts, each exactly once.
//
// A batch is a run of journal entries. Its bounds and its token are in the journal before it is inserted, so that after
// a crash the same entries are inserted under the same token, and the engine drops what it already has. Rows are made
// from what was decoded on arrival while there is room to keep it, else from the journal's entries, as after a restart.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "ingest/export_request.h"
#include "ingest/rows_ahead.h"
#include "journal/journal.h"
#include "store/eraser.h"
#include "store/span_writer.h"

namespace nightjar::ingest {

struct CommitterLimits {
  std::size_t batch_rows_max = 50'000;
  std::size_t batch_bytes_max = 64 << 20;
  // An insert costs 14-35 ms of CPU whatever its size, so small ones are kept apart, unless somebody waits to read one.
  std::chrono::milliseconds gap{1000};
  std::size_t gap_rows = 25'000;
};

// Thread-safe.
class Committer {
 public:
  // Called on a thread of its own.
  using MakeRows = std::function<store::RowBatch(Entry)>;

  // Of the bodies of what is kept decoded, which takes some times as much.
  static constexpr std::size_t kKeptBytesMax = 16 << 20;

  // Begins with what the journal holds from before. Entries that the engine refuses for good are put into `quarantine`,
  // one file each. The journal outlives the committer.
  Committer(journal::Journal& journal, store::SpanWriter writer, store::Eraser eraser, MakeRows make_rows,
            std::filesystem::path quarantine);
  // Stores what is pending as long as the engine takes it; the rest stays in the journal.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // Room for a request, from its arrival until its rows are made, so that it need not be decoded a second time. Null
  // when there is none: then its rows are made from the journal. The committer outlives it.
  std::shared_ptr<Entry> Keep(Entry entry, std::size_t body_bytes);

  // The journal has made this entry durable: so many rows, of these traces. `kept` is the entry, or null. Called in
  // ascending order of sequence.
  void Enqueue(std::uint64_t sequence, std::size_t rows, std::vector<TraceId> traces, std::shared_ptr<Entry> kept);

  // Returns once every span and log record of the trace that was acknowledged before the call can be read. kUnavailable
  // after `patience`.
  Result<void> WaitUntilStored(const TraceId& trace_id, std::chrono::milliseconds patience);

  // The same for all traces, for lists, which may lag. Returns how many acknowledged requests cannot be read yet.
  std::uint64_t WaitUntilAllStored(std::chrono::milliseconds patience);

  // Erases what was acknowledged of the target before the call, between two batches. kNotFound: there is nothing of
  // it. kUnavailable: not begun, or noted and not finished within `patience`; it goes on then, also after a restart.
  Result<void> Erase(store::ErasureTarget target, std::chrono::milliseconds patience);

  // Runs `work` while nothing is being inserted or erased, nor other work here. What is acknowledged meanwhile stays in
  // the journal until it has ended, so it must be short. kUnavailable when what is going on does not end within
  // `patience`, as during an outage.
  Result<void> BetweenTurns(std::chrono::milliseconds patience, const std::function<Result<void>()>& work);

  // Rises when entries have been stored.
  [[nodiscard]] std::uint64_t stored_end() const;

  // How many erasures have ended. Between two turns, what was read since it had the same value is still there.
  [[nodiscard]] std::uint64_t erasures() const;

  // Entries that could not be stored since the start: refused by the engine, or damaged.
  [[nodiscard]] std::uint64_t quarantined() const;

 private:
  struct Arrival {  // an entry of this run
    std::uint64_t sequence;
    std::size_t rows;
    std::vector<TraceId> traces;
    std::shared_ptr<Entry> kept;  // null once its rows are made
  };
  struct Batch {
    std::uint64_t end = 0;  // the entry behind its last
    std::vector<std::uint64_t> sequences;
    std::vector<store::RowBatch> rows;  // of the entries `sequences`: those that have any
    std::size_t row_count = 0;
    std::size_t bytes = 0;
    journal::Batch bounds;  // once it is begun
    std::uint64_t first_seq = 0;
  };

  // REQUIRES: `lock` holds mutex_
  bool WaitUntilStoredTo(std::uint64_t wanted_end, std::chrono::milliseconds patience,
                         std::unique_lock<std::mutex>& lock);
  struct Erasure {
    store::ErasureTarget target;
    std::uint64_t after;  // entries before it are meant
    std::promise<Result<void>> done;
  };

  void Run();
  bool WaitForWork();
  void InTurn(const std::function<void()>& work);
  void EraseWhatIsDue();
  // Until the engine has done it; false when told to stop before that.
  bool FinishErasure();
  Result<void> StoreNext();
  // Both go on where a former call failed.
  Result<void> FillBatch();
  Result<void> BeginBatch();
  // The rows of an entry; none when it is damaged or cannot be understood, which is logged and counted.
  Result<store::RowBatch> RowsOf(std::uint64_t sequence);
  std::shared_ptr<Entry> TakeKept(std::uint64_t sequence);
  Result<void> Store();
  Result<void> StoreOneByOne();
  Result<void> Quarantine(std::uint64_t sequence, const Error& error);
  bool KeepTrying(const Error& error);
  void ReturnMemory();
  void Forget(std::uint64_t stored_end);

  const CommitterLimits limits_;
  journal::Journal& journal_;
  const MakeRows make_rows_;
  const std::filesystem::path quarantine_;
  const std::uint64_t recovered_end_;   // entries before it are from before the start: their traces are not known
  store::SpanWriter writer_;            // used by the thread only
  store::Eraser eraser_;                // the same
  Batch batch_;                         // the same; in hand until it is stored
  std::size_t bytes_since_return_ = 0;  // the same; of rows stored

  std::atomic<std::size_t> kept_bytes_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Arrival> arrivals_;                                           // not stored yet
  std::size_t arrived_rows_ = 0;                                           // of them
  std::uint64_t end_;                                                      // entries before it may be stored
  std::uint64_t stored_end_;                                               // entries before it are stored
  std::unordered_map<TraceId, std::uint64_t, TraceIdHash> last_entry_of_;  // of traces that are not all stored
  std::deque<Erasure> erasures_;                                           // in the order of `after`
  int readers_waiting_ = 0;
  bool in_turn_ = false;
  int holds_ = 0;         // of those who want nothing inserted or erased
  bool in_hold_ = false;  // one of them works
  std::uint64_t quarantined_ = 0;
  std::uint64_t erasures_ended_ = 0;
  bool outage_logged_ = false;
  bool stopping_ = false;

  RowsAhead ahead_;  // used by the thread, and told of what arrives
  std::thread thread_;
};

}  // namespace nightjar::ingest
