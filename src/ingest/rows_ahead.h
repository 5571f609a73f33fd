// Makes the rows of journal entries on a thread of its own, ahead of the one that stores them: while the engine inserts
// a batch, the next one is understood. What is held is bounded; the rest stays in the journal.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "store/span_row.h"

namespace nightjar::ingest {

// One owner thread.
class RowsAhead {
 public:
  // Rows of entries that were not taken yet; one entry may go over it.
  static constexpr std::size_t kBytesMax = 32 << 20;

  // Reads an entry and makes its rows; called on the thread. On an error the entry is asked for again.
  using Read = std::function<Result<store::RowBatch>(std::uint64_t sequence)>;

  explicit RowsAhead(Read read);
  ~RowsAhead();
  RowsAhead(const RowsAhead&) = delete;
  RowsAhead& operator=(const RowsAhead&) = delete;

  // Entries below `end` may be read.
  void Extend(std::uint64_t end);

  // The next Take is of this entry. Entries that were taken before and not stored are read again.
  void StartAt(std::uint64_t sequence);

  // Waits for the rows of the entry after the one that was taken last. After an error: StartAt.
  // REQUIRES: it is below the end
  Result<store::RowBatch> Take();

 private:
  void Run();
  [[nodiscard]] bool HasWork() const;

  const Read read_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Result<store::RowBatch>> made_;  // of the entries from to_take_ on
  std::size_t made_bytes_ = 0;
  std::uint64_t to_take_ = 0;
  std::uint64_t to_read_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t starts_ = 0;  // what was begun before the last StartAt that went back is thrown away
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace nightjar::ingest
