// The append-only log that acknowledges: an entry is on disk before its sender hears "yes", and stays until somebody
// says that it is durable elsewhere. Payloads are opaque bytes. Format and recovery: docs/formats/journal.md.
//
// An entry is pending from the fsync that acknowledged it until the batch that covers it is finished. A batch is a run
// of entries that is stored elsewhere as one unit: its boundary, note and token are durable before the storing begins,
// so that after a crash the very same unit is stored again under the same token, and whoever has it already drops it.
//
// Any failed write or fsync makes the journal read-only until it is opened anew: after a failed fsync nobody knows what
// is on disk, and asking again would be answered with success. What is pending can still be read, and stored in batches
// without marks, which a restart offers once more.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace nightjar::journal {

namespace internal {
class Disk;
class File;
class Index;
class SegmentWriter;
struct Recovered;
struct Request;
struct Segment;
}  // namespace internal

constexpr std::size_t kPayloadBytesMax = 80 << 20;
constexpr std::size_t kNoteBytesMax = 4 << 10;
// Appended and not yet on disk. A disk that is slower than its senders is felt here.
constexpr std::size_t kQueueBytesMax = 256 << 20;

struct JournalOptions {
  std::filesystem::path folder;  // created when missing; its parent must exist
  // A new file is begun above. At most 256 MiB and a quarter of disk_bytes_max are used.
  std::uint64_t segment_bytes_max = 64 << 20;
  // Append refuses above. An entry larger than three quarters of it may never find room.
  std::uint64_t disk_bytes_max = 8ULL << 30;
  // Free space of the file system that is left to others. Append refuses below, until there is more again.
  std::uint64_t disk_reserve_bytes = 2ULL << 30;
};

struct Batch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string note;   // the caller's, read back unchanged after a crash
  std::string token;  // letters, digits and '-'; never the same for two batches, whatever happens to the folder
};

struct JournalState {
  std::uint64_t pending_entries = 0;
  std::uint64_t pending_bytes = 0;  // payloads of the pending entries that can be read
  std::uint64_t disk_bytes = 0;     // segments, and the damaged ones that were put aside
  bool read_only = false;
  std::string failure;              // why it is read-only
  std::uint64_t corrupt_bytes = 0;  // found damaged since Open, in segments that were not put aside before
};

// What a journal holds that nobody uses; changes nothing. kNotFound: there is none in the folder. Other errors as Open.
Result<JournalState> InspectJournal(const std::filesystem::path& folder);

// Thread-safe, and owns one writer thread. The folder belongs to one Journal at a time; the caller sees to that.
class Journal {
 public:
  // Reads what a former run left. Damage inside is passed over and counted, see state(). Fails with kFailedPrecondition
  // when the folder holds another format, with kUnavailable or kDataLoss when it cannot be made or read.
  static Result<std::unique_ptr<Journal>> Open(JournalOptions options);
  // For tests: through a disk that fails.
  static Result<std::unique_ptr<Journal>> Open(JournalOptions options, std::unique_ptr<internal::Disk> disk);

  // Writes what was appended, calls the rest of the `done`s, ends the thread.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // The entry's sequence number, once it is on disk. kUnavailable: over a limit above, or read-only; the entry may
  // still turn up after a restart when a write failed halfway. kResourceExhausted: larger than kPayloadBytesMax.
  using Done = std::function<void(Result<std::uint64_t>)>;

  // `done` is called once: by the writer thread in the order of the sequence numbers, or by the caller's on a refusal.
  // It must be short, and must not call BeginBatch or FinishBatch, which wait for the writer thread.
  void Append(std::string payload, Done done);

  // [first_pending(), end_pending()) are the sequence numbers of the pending entries, those of an open batch included.
  // They go on over restarts.
  [[nodiscard]] std::uint64_t first_pending() const;
  [[nodiscard]] std::uint64_t end_pending() const;

  // A pending entry's payload, from disk. kDataLoss: damaged or missing, now and ever. kNotFound: not pending.
  // kUnavailable: may succeed later (out of file descriptors).
  Result<std::string> Read(std::uint64_t sequence) const;

  // Begun and not finished. After Open: the batch that was being stored when the former run ended; it must be stored
  // again with this very token. Entries of it may have been damaged since (Read: kDataLoss); the others are to be
  // stored.
  [[nodiscard]] std::optional<Batch> open_batch() const;

  // Makes first_pending()..last a batch, durable on return. On an error there is no open batch; kUnavailable when the
  // disk is too full, kInvalidArgument when the note is larger than kNoteBytesMax. When the journal is read-only, the
  // batch is open in memory only: after a restart its entries are pending, and will be in a batch with another token.
  // REQUIRES: no open batch; first_pending() <= last < end_pending(); one thread at a time begins and finishes.
  Result<Batch> BeginBatch(std::uint64_t last, std::string note);

  // The open batch is durable elsewhere: its entries are not pending any more, and files that hold nothing pending are
  // removed. On an error (kUnavailable) the batch is finished all the same, but a restart may offer it again.
  // REQUIRES: an open batch
  Result<void> FinishBatch();

  [[nodiscard]] JournalState state() const;
  // Whether an entry of so many bytes would be taken now; the error is the one that Append would give.
  [[nodiscard]] Result<void> CheckAccepts(std::uint64_t entry_bytes) const;

 private:
  Journal(JournalOptions options, std::unique_ptr<internal::Disk> disk, std::string epoch,
          internal::Recovered recovered);

  void Submit(internal::Request request);
  Result<void> SubmitAndWait(internal::Request request);
  Result<void> CheckRoom(const internal::Request& request) const;
  Result<void> CheckBudget(std::uint64_t wanted_bytes) const;
  void Run();
  void Commit(std::vector<internal::Request> group);
  void RefuseSome(std::vector<internal::Request>& group);
  Result<void> CheckFreeSpace(std::uint64_t wanted_bytes) const;
  Result<void> Write(std::vector<internal::Request>& group);
  void RemoveFinishedSegments();
  void FailForGood(const Error& cause);
  [[nodiscard]] Result<void> CheckWritable() const;

  const JournalOptions options_;
  const std::unique_ptr<internal::Disk> disk_;
  const std::unique_ptr<internal::File> folder_file_;
  const std::string epoch_;  // 128 random bits of this opening, in hex: what makes tokens unique

  // Used by the writer thread only:
  std::unique_ptr<internal::SegmentWriter> writer_;
  internal::Segment* newest_ = nullptr;  // that writer_ began; of index_
  std::uint64_t next_segment_;
  std::uint64_t next_sequence_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::unique_ptr<internal::Index> index_;  // also changed by Read, when it finds damage
  std::optional<Batch> open_batch_;
  std::uint64_t batches_begun_ = 0;
  std::vector<internal::Request> queue_;
  std::size_t queued_bytes_ = 0;  // of queue_ and of the group that is being written
  std::string failure_;           // not empty: read-only
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace nightjar::journal
