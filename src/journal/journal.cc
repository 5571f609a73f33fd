// One queue, one writer thread. Entries and the marks of batches are frames alike: the thread takes everything that is
// queued, writes it, syncs once, and tells each. While it syncs, the next group gathers.
#include "journal/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "journal/internal/disk.h"
#include "journal/internal/frame.h"
#include "journal/internal/index.h"
#include "journal/internal/recovery.h"
#include "journal/internal/segment_writer.h"

namespace nightjar::journal {

namespace internal {

struct Request {
  FrameType type = FrameType::kEntry;
  std::uint64_t sequence = 0;  // of an entry: given when it is written
  std::string payload;
  Journal::Done done;
  Result<void> outcome;
  Segment* segment = nullptr;  // where it was written: owned by the index
  std::uint64_t payload_at = 0;

  [[nodiscard]] std::uint64_t frame_bytes() const { return kHeaderBytes + payload.size(); }
};

}  // namespace internal

using internal::Entry;
using internal::FrameType;
using internal::Request;
using internal::Segment;

namespace {

// Marks are small, and finishing batches is what frees space: they may use what entries may not.
constexpr std::uint64_t kMarkReserveBytes = 1 << 20;
constexpr std::uint64_t kSegmentBytesMax = 256 << 20;

}  // namespace

Result<JournalState> InspectJournal(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::exists(folder / "FORMAT", error))
    return Fail(ErrorCode::kNotFound, fmt::format("{} holds no journal", folder.string()));
  internal::Disk disk;
  ASSIGN_OR_RETURN(const internal::Recovered recovered, internal::Recover(folder, disk));
  const internal::Index& index = *recovered.index;
  return JournalState{.pending_entries = index.end() - index.first(),
                      .pending_bytes = index.pending_bytes(),
                      .disk_bytes = index.disk_bytes(),
                      .corrupt_bytes = index.corrupt_bytes()};
}

Result<std::unique_ptr<Journal>> Journal::Open(JournalOptions options) {
  return Open(std::move(options), std::make_unique<internal::Disk>());
}

Result<std::unique_ptr<Journal>> Journal::Open(JournalOptions options, std::unique_ptr<internal::Disk> disk) {
  options.segment_bytes_max = std::min({options.segment_bytes_max, options.disk_bytes_max / 4, kSegmentBytesMax});
  ASSIGN_OR_RETURN(internal::Recovered recovered, internal::Recover(options.folder, *disk));
  ASSIGN_OR_RETURN(const std::uint64_t high, internal::RandomNumber());
  ASSIGN_OR_RETURN(const std::uint64_t low, internal::RandomNumber());
  std::unique_ptr<Journal> journal(
      new Journal(std::move(options), std::move(disk), fmt::format("{:016x}{:016x}", high, low), std::move(recovered)));
  journal->RemoveFinishedSegments();
  return journal;
}

Journal::Journal(JournalOptions options, std::unique_ptr<internal::Disk> disk, std::string epoch,
                 internal::Recovered recovered)
    : options_(std::move(options)),
      disk_(std::move(disk)),
      folder_file_(std::move(recovered.folder)),
      epoch_(std::move(epoch)),
      writer_(std::make_unique<internal::SegmentWriter>(*disk_, *folder_file_, options_.folder,
                                                        options_.segment_bytes_max)),
      next_segment_(recovered.index->next_segment()),
      next_sequence_(recovered.index->end()),
      index_(std::move(recovered.index)),
      open_batch_(std::move(recovered.open_batch)),
      thread_([this] { Run(); }) {}

Journal::~Journal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Journal::Append(std::string payload, Done done) {
  Submit({.type = FrameType::kEntry, .payload = std::move(payload), .done = std::move(done)});
}

std::uint64_t Journal::first_pending() const {
  const std::lock_guard lock(mutex_);
  return index_->first();
}

std::uint64_t Journal::end_pending() const {
  const std::lock_guard lock(mutex_);
  return index_->end();
}

Result<std::string> Journal::Read(std::uint64_t sequence) const {
  Entry entry;
  std::filesystem::path path;
  std::uint64_t seed = 0;
  {
    const std::lock_guard lock(mutex_);
    if (sequence < index_->first() || sequence >= index_->end()) {
      return Fail(ErrorCode::kNotFound, fmt::format("entry {} is not pending", sequence));
    }
    const Entry* found = index_->Find(sequence);
    if (found == nullptr || found->damaged) {
      return Fail(ErrorCode::kDataLoss, fmt::format("entry {} of the journal is damaged", sequence));
    }
    entry = *found;
    path = entry.segment->path;
    seed = entry.segment->seed;
  }
  Result<std::string> bytes =
      internal::ReadFile(path, entry.offset - internal::kHeaderBytes, internal::kHeaderBytes + entry.payload_bytes);
  if (!bytes && bytes.error().code != ErrorCode::kDataLoss) return bytes;
  if (bytes) {
    const auto header = internal::ParseHeader(*bytes, seed);
    bytes->erase(0, internal::kHeaderBytes);
    if (header && header->sequence == sequence && header->payload_bytes == bytes->size() &&
        header->payload_sum == internal::Checksum(*bytes, seed)) {
      return bytes;
    }
  }
  const std::lock_guard lock(mutex_);
  if (index_->Find(sequence) != nullptr) index_->MarkDamaged(sequence);
  return Fail(ErrorCode::kDataLoss, fmt::format("entry {} in {} is damaged", sequence, path.string()));
}

std::optional<Batch> Journal::open_batch() const {
  const std::lock_guard lock(mutex_);
  return open_batch_;
}

Result<Batch> Journal::BeginBatch(std::uint64_t last, std::string note) {
  if (note.size() > kNoteBytesMax) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("a batch's note has {} bytes, at most {} are kept", note.size(), kNoteBytesMax));
  }
  Batch batch{.last = last, .note = std::move(note)};
  {
    const std::lock_guard lock(mutex_);
    batch.first = index_->first();
    CHECK(!open_batch_ && batch.first <= last && last < index_->end());
    batch.token = fmt::format("{}-{}-{}-{}", epoch_, batch.first, last, ++batches_begun_);
  }
  const Result<void> marked =
      SubmitAndWait({.type = FrameType::kBegin, .sequence = batch.first, .payload = internal::EncodeBatch(batch)});
  const std::lock_guard lock(mutex_);
  if (!marked && failure_.empty()) return Fail(marked.error());
  open_batch_ = batch;
  return batch;
}

Result<void> Journal::FinishBatch() {
  std::uint64_t last = 0;
  {
    const std::lock_guard lock(mutex_);
    CHECK(open_batch_);
    last = open_batch_->last;
  }
  const Result<void> marked = SubmitAndWait({.type = FrameType::kFinish, .sequence = last});
  {
    const std::lock_guard lock(mutex_);
    index_->AdvanceTo(last + 1);
    open_batch_.reset();
  }
  if (marked) RemoveFinishedSegments();
  return marked;
}

JournalState Journal::state() const {
  const std::lock_guard lock(mutex_);
  return {.pending_entries = index_->end() - index_->first(),
          .pending_bytes = index_->pending_bytes(),
          .disk_bytes = index_->disk_bytes(),
          .read_only = !failure_.empty(),
          .failure = failure_,
          .corrupt_bytes = index_->corrupt_bytes()};
}

Result<void> Journal::CheckAccepts(std::uint64_t entry_bytes) const {
  {
    const std::lock_guard lock(mutex_);
    RETURN_IF_ERROR(CheckWritable());
    RETURN_IF_ERROR(CheckBudget(entry_bytes));
  }
  return CheckFreeSpace(options_.disk_reserve_bytes + kMarkReserveBytes + entry_bytes);
}

void Journal::Submit(Request request) {
  {
    std::unique_lock lock(mutex_);
    if (Result<void> room = CheckRoom(request); !room) {
      lock.unlock();
      request.done(Fail(std::move(room).error()));
      return;
    }
    queue_.push_back(std::move(request));  // may throw
    queued_bytes_ += queue_.back().frame_bytes();
  }
  changed_.notify_one();
}

Result<void> Journal::SubmitAndWait(Request request) {
  std::promise<Result<std::uint64_t>> written;
  request.done = [&written](Result<std::uint64_t> result) { written.set_value(std::move(result)); };
  Submit(std::move(request));
  RETURN_IF_ERROR(written.get_future().get());
  return {};
}

// REQUIRES: mutex_ is held
Result<void> Journal::CheckRoom(const Request& request) const {
  RETURN_IF_ERROR(CheckWritable());
  if (request.type != FrameType::kEntry) return {};
  if (request.payload.size() > kPayloadBytesMax) {
    return Fail(ErrorCode::kResourceExhausted,
                fmt::format("an entry has {} bytes, at most {} fit", request.payload.size(), kPayloadBytesMax));
  }
  if (queued_bytes_ + request.frame_bytes() > kQueueBytesMax) {
    return Fail(ErrorCode::kUnavailable,
                fmt::format("the disk is behind: {} bytes wait for the journal", queued_bytes_));
  }
  return CheckBudget(request.frame_bytes());
}

// REQUIRES: mutex_ is held
Result<void> Journal::CheckBudget(std::uint64_t wanted_bytes) const {
  const std::uint64_t used = index_->disk_bytes() + queued_bytes_;
  if (used + wanted_bytes <= options_.disk_bytes_max) return {};
  return Fail(ErrorCode::kUnavailable,
              fmt::format("the journal is full: {} of {} bytes are used", used, options_.disk_bytes_max));
}

// REQUIRES: mutex_ is held
Result<void> Journal::CheckWritable() const {
  if (failure_.empty()) return {};
  return Fail(ErrorCode::kUnavailable, "the journal is read-only: " + failure_);
}

void Journal::Run() {
  for (;;) {
    std::vector<Request> group;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      group.swap(queue_);
    }
    Commit(std::move(group));
  }
}

void Journal::Commit(std::vector<Request> group) {
  RefuseSome(group);
  if (const Result<void> written = Write(group); !written) FailForGood(written.error());
  {
    const std::lock_guard lock(mutex_);
    const Result<void> writable = CheckWritable();
    for (Request& request : group) {
      queued_bytes_ -= request.frame_bytes();
      if (request.outcome) request.outcome = writable;
      if (!request.outcome) continue;
      index_->AddBytes(request.segment, request.frame_bytes());
      if (request.type != FrameType::kEntry) continue;
      index_->AddEntry({.sequence = request.sequence,
                        .segment = request.segment,
                        .offset = request.payload_at,
                        .payload_bytes = static_cast<std::uint32_t>(request.payload.size())});
    }
  }
  for (Request& request : group) {
    if (request.outcome) {
      request.done(request.sequence);
    } else {
      request.done(Fail(std::move(request.outcome).error()));
    }
  }
}

// Sets the outcome of those that are not to be written.
void Journal::RefuseSome(std::vector<Request>& group) {
  Result<void> for_marks;
  {
    const std::lock_guard lock(mutex_);
    for_marks = CheckWritable();
  }
  Result<void> for_entries = for_marks;
  if (for_marks) {
    std::uint64_t bytes = 0;
    for (const Request& request : group) bytes += request.frame_bytes();
    for_entries = CheckFreeSpace(options_.disk_reserve_bytes + kMarkReserveBytes + bytes);
    if (!for_entries) for_marks = CheckFreeSpace(kMarkReserveBytes);
  }
  for (Request& request : group) request.outcome = request.type == FrameType::kEntry ? for_entries : for_marks;
}

Result<void> Journal::CheckFreeSpace(std::uint64_t wanted_bytes) const {
  ASSIGN_OR_RETURN(const std::uint64_t free_bytes, disk_->FreeBytes(options_.folder));
  if (free_bytes >= wanted_bytes) return {};
  return Fail(ErrorCode::kUnavailable, fmt::format("the disk of {} is nearly full: {} bytes are free, {} are wanted",
                                                   options_.folder.string(), free_bytes, wanted_bytes));
}

// On an error nothing of the group may be acknowledged.
Result<void> Journal::Write(std::vector<Request>& group) {
  for (Request& request : group) {
    if (!request.outcome) continue;
    if (writer_->full()) {
      RETURN_IF_ERROR(writer_->Sync());
      Result<Segment> begun = writer_->Begin(next_segment_++, next_sequence_);
      if (!begun) {
        request.outcome = Fail(std::move(begun).error());
        continue;
      }
      const std::lock_guard lock(mutex_);
      newest_ = index_->AddSegment(*std::move(begun));
    }
    if (request.type == FrameType::kEntry) request.sequence = next_sequence_++;
    request.segment = newest_;
    ASSIGN_OR_RETURN(request.payload_at, writer_->Add(request.type, request.sequence, request.payload));
  }
  return writer_->Sync();
}

// Those that are damaged are kept for the operator to look at, under another name.
void Journal::RemoveFinishedSegments() {
  std::vector<Segment> finished;
  {
    const std::lock_guard lock(mutex_);
    finished = index_->TakeFinished();
  }
  if (finished.empty()) return;
  for (const Segment& segment : finished) {
    std::error_code error;
    if (segment.damaged) {
      std::filesystem::rename(segment.path, segment.path.string() + ".damaged", error);
      const std::lock_guard lock(mutex_);
      index_->SetAside(segment.bytes);
    } else {
      std::filesystem::remove(segment.path, error);
    }
    if (error) return FailForGood(internal::SystemError("remove", segment.path, error.value()));
  }
  if (const Result<void> synced = internal::SyncAll(*folder_file_, options_.folder); !synced) {
    FailForGood(synced.error());
  }
}

void Journal::FailForGood(const Error& cause) {
  const std::lock_guard lock(mutex_);
  if (failure_.empty()) failure_ = cause.message;
}

}  // namespace nightjar::journal
