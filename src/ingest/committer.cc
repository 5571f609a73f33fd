#include "ingest/committer.h"

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/durable_file.h"

namespace nightjar::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryPause{100};
constexpr std::size_t kReturnMemoryAfterBytes = 32 << 20;

Result<std::uint64_t> ParseFirstSeq(const std::string& note) {
  std::uint64_t first_seq = 0;
  const auto [end, error] = std::from_chars(note.data(), note.data() + note.size(), first_seq);
  if (error != std::errc() || end != note.data() + note.size())
    return Fail(ErrorCode::kDataLoss, fmt::format("the journal's open batch has the note \"{}\"", note));
  return first_seq;
}

Result<void> Stopping() { return Fail(ErrorCode::kUnavailable, "the server is stopping"); }

}  // namespace

Committer::Committer(journal::Journal& journal, store::SpanWriter writer, store::Eraser eraser, MakeRows make_rows,
                     std::filesystem::path quarantine)
    : limits_(),
      journal_(journal),
      make_rows_(std::move(make_rows)),
      quarantine_(std::move(quarantine)),
      recovered_end_(journal.end_pending()),
      writer_(std::move(writer)),
      eraser_(eraser),
      end_(recovered_end_),
      stored_end_(journal.first_pending()),
      ahead_([this](std::uint64_t sequence) { return RowsOf(sequence); }),
      thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  for (Erasure& erasure : erasures_) erasure.done.set_value(Stopping());
}

std::shared_ptr<Entry> Committer::Keep(Entry entry, std::size_t body_bytes) {
  if (kept_bytes_.fetch_add(body_bytes) + body_bytes > kKeptBytesMax) {
    kept_bytes_ -= body_bytes;
    return nullptr;
  }
  return {new Entry(std::move(entry)), [this, body_bytes](Entry* kept) {
            delete kept;
            kept_bytes_ -= body_bytes;
          }};
}

void Committer::Enqueue(std::uint64_t sequence, std::size_t rows, std::vector<TraceId> traces,
                        std::shared_ptr<Entry> kept) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(sequence >= end_);
    end_ = sequence + 1;
    for (const TraceId& id : traces) last_entry_of_[id] = sequence;
    arrived_rows_ += rows;
    arrivals_.emplace_back(sequence, rows, std::move(traces), std::move(kept));
  }
  ahead_.Extend(sequence + 1);
  changed_.notify_all();
}

Result<void> Committer::WaitUntilStored(const TraceId& trace_id, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const auto last = last_entry_of_.find(trace_id);
  const std::uint64_t wanted_end = last == last_entry_of_.end() ? recovered_end_ : last->second + 1;
  if (!WaitUntilStoredTo(wanted_end, patience, lock))
    return Fail(ErrorCode::kUnavailable,
                "parts of this trace are safe in the journal and wait for the telemetry engine; ask again in a moment");
  return {};
}

std::uint64_t Committer::WaitUntilAllStored(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const std::uint64_t wanted_end = end_;
  return WaitUntilStoredTo(wanted_end, patience, lock) ? 0 : wanted_end - stored_end_;
}

bool Committer::WaitUntilStoredTo(std::uint64_t wanted_end, std::chrono::milliseconds patience,
                                  std::unique_lock<std::mutex>& lock) {
  if (stored_end_ >= wanted_end) return true;
  ++readers_waiting_;
  changed_.notify_all();
  const bool stored = changed_.wait_for(lock, patience, [&] { return stored_end_ >= wanted_end; });
  --readers_waiting_;
  return stored;
}

Result<void> Committer::BetweenTurns(std::chrono::milliseconds patience, const std::function<Result<void>()>& work) {
  std::unique_lock lock(mutex_);
  ++holds_;
  const bool free = changed_.wait_for(lock, patience, [&] { return !in_turn_ && !in_hold_; });
  Result<void> done = Fail(ErrorCode::kUnavailable, "the telemetry engine does not finish what it was told");
  if (free) {
    in_hold_ = true;
    lock.unlock();
    done = work();
    lock.lock();
    in_hold_ = false;
  }
  --holds_;
  lock.unlock();
  changed_.notify_all();
  return done;
}

std::uint64_t Committer::quarantined() const {
  const std::lock_guard lock(mutex_);
  return quarantined_;
}

std::uint64_t Committer::stored_end() const {
  const std::lock_guard lock(mutex_);
  return stored_end_;
}

std::uint64_t Committer::erasures() const {
  const std::lock_guard lock(mutex_);
  return erasures_ended_;
}

Result<void> Committer::Erase(store::ErasureTarget target, std::chrono::milliseconds patience) {
  std::future<Result<void>> done;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Stopping();
    done = erasures_.emplace_back(std::move(target), end_, std::promise<Result<void>>()).done.get_future();
  }
  changed_.notify_all();
  if (done.wait_for(patience) == std::future_status::ready) return done.get();
  return Fail(ErrorCode::kUnavailable, "the deletion waits for the telemetry engine, or is under way; ask again later");
}

void Committer::EraseWhatIsDue() {
  for (;;) {
    std::optional<Erasure> erasure;
    {
      const std::lock_guard lock(mutex_);
      if (erasures_.empty() || erasures_.front().after > stored_end_) return;
      erasure = std::move(erasures_.front());
      erasures_.pop_front();
    }
    const Result<void> noted = eraser_.Note(erasure->target, writer_.NextSeq(0));
    if (!noted) {
      erasure->done.set_value(noted);
      continue;
    }
    // What is noted is finished by the next start.
    erasure->done.set_value(FinishErasure() ? Result<void>() : Stopping());
  }
}

bool Committer::FinishErasure() {
  for (;;) {
    const Result<void> erased = eraser_.Finish();
    writer_.ForgetRecentSegments();
    if (erased) break;
    if (!KeepTrying(erased.error())) return false;
  }
  const std::lock_guard lock(mutex_);
  ++erasures_ended_;
  outage_logged_ = false;
  return true;
}

void Committer::Run() {
  bool finished = false;
  ahead_.StartAt(journal_.first_pending());
  ahead_.Extend(recovered_end_);
  InTurn([&] { finished = FinishErasure(); });
  if (!finished) return;
  Clock::time_point next_commit = Clock::now();
  while (WaitForWork()) {
    InTurn([&] { EraseWhatIsDue(); });
    {
      std::unique_lock lock(mutex_);
      if (stored_end_ == end_) continue;
      changed_.wait_until(lock, next_commit, [&] {
        return stopping_ || readers_waiting_ != 0 || !erasures_.empty() || arrived_rows_ >= limits_.gap_rows ||
               stored_end_ < recovered_end_;
      });
    }
    Result<void> stored;
    InTurn([&] {
      try {
        stored = StoreNext();
      } catch (const std::bad_alloc&) {  // the entries are read again
        batch_ = {};
        stored = Fail(ErrorCode::kUnavailable, "out of memory");
      }
    });
    if (!stored && !KeepTrying(stored.error())) return;
    next_commit = Clock::now() + limits_.gap;
  }
}

// The tables change in here only, and never while a hold is on.
void Committer::InTurn(const std::function<void()>& work) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return holds_ == 0; });
    in_turn_ = true;
  }
  work();
  {
    const std::lock_guard lock(mutex_);
    in_turn_ = false;
  }
  changed_.notify_all();
}

Result<void> Committer::StoreNext() {
  RETURN_IF_ERROR(FillBatch());
  RETURN_IF_ERROR(BeginBatch());
  RETURN_IF_ERROR(Store());
  // Not marked as finished, the batch is offered again after a restart, and the engine drops what it has.
  if (const auto finished = journal_.FinishBatch(); !finished)
    spdlog::error("the journal cannot mark a batch as stored: {}", finished.error().message);
  bytes_since_return_ += batch_.bytes;
  batch_ = {};
  Forget(journal_.first_pending());
  ReturnMemory();
  return {};
}

// After a burst: the allocator keeps what was freed, several hundred MiB, and takes up to a tenth of a second to give
// it back.
void Committer::ReturnMemory() {
  if (bytes_since_return_ < kReturnMemoryAfterBytes) return;
  {
    const std::lock_guard lock(mutex_);
    if (stored_end_ != end_) return;
  }
  malloc_trim(0);
  bytes_since_return_ = 0;
}

// False when it is time to end: told to stop, and nothing is left.
bool Committer::WaitForWork() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || stored_end_ < end_ || !erasures_.empty(); });
  return stored_end_ < end_ || !stopping_;
}

Result<void> Committer::FillBatch() {
  const std::optional<journal::Batch> open = journal_.open_batch();
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = open ? open->last + 1 : end_;
  }
  batch_.end = std::max(batch_.end, journal_.first_pending());
  ahead_.StartAt(batch_.end);
  while (batch_.end < end) {
    if (!open && (batch_.row_count >= limits_.batch_rows_max || batch_.bytes >= limits_.batch_bytes_max)) break;
    ASSIGN_OR_RETURN(store::RowBatch rows, ahead_.Take());
    const std::uint64_t sequence = batch_.end++;
    if (rows.empty()) continue;
    batch_.row_count += rows.rows();
    batch_.bytes += rows.bytes;
    batch_.sequences.push_back(sequence);
    batch_.rows.push_back(std::move(rows));
  }
  return {};
}

Result<void> Committer::BeginBatch() {
  if (std::optional<journal::Batch> open = journal_.open_batch()) {
    batch_.bounds = *std::move(open);
    ASSIGN_OR_RETURN(batch_.first_seq, ParseFirstSeq(batch_.bounds.note));
    writer_.SkipSeq(batch_.first_seq + batch_.row_count);
    return {};
  }
  batch_.first_seq = writer_.NextSeq(batch_.row_count);
  ASSIGN_OR_RETURN(batch_.bounds, journal_.BeginBatch(batch_.end - 1, std::to_string(batch_.first_seq)));
  return {};
}

std::shared_ptr<Entry> Committer::TakeKept(std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  const auto arrival = std::ranges::lower_bound(arrivals_, sequence, {}, &Arrival::sequence);
  if (arrival == arrivals_.end() || arrival->sequence != sequence) return nullptr;
  return std::exchange(arrival->kept, nullptr);
}

Result<store::RowBatch> Committer::RowsOf(std::uint64_t sequence) {
  if (const std::shared_ptr<Entry> kept = TakeKept(sequence)) return make_rows_(std::move(*kept));
  const Result<std::string> payload = journal_.Read(sequence);
  if (!payload) {
    if (payload.error().code == ErrorCode::kUnavailable) return Fail(payload.error());
    if (payload.error().code == ErrorCode::kNotFound) return store::RowBatch();  // stored meanwhile, nobody takes it
    spdlog::error("entry {} of the journal is damaged, what it held is lost: {}", sequence, payload.error().message);
    const std::lock_guard lock(mutex_);
    ++quarantined_;
    return store::RowBatch();
  }
  Result<Entry> entry = DecodeEntry(*payload);
  if (entry) return make_rows_(*std::move(entry));
  RETURN_IF_ERROR(Quarantine(sequence, entry.error()));
  return store::RowBatch();
}

Result<void> Committer::Store() {
  if (batch_.rows.empty()) return {};
  const auto keep_trying = [&](const Error& error) { return KeepTrying(error); };
  Result<void> written = writer_.Write(batch_.rows, batch_.bounds.token, batch_.first_seq, keep_trying);
  if (written || written.error().code != ErrorCode::kInvalidArgument) return written;
  // The engine refuses something in here: find out which entry it is, so that the others are stored.
  spdlog::error("an insert of {} requests was refused, trying them one by one: {}", batch_.rows.size(),
                written.error().message);
  return StoreOneByOne();
}

Result<void> Committer::StoreOneByOne() {
  const auto keep_trying = [&](const Error& error) { return KeepTrying(error); };
  std::uint64_t first_seq = batch_.first_seq;
  for (std::size_t i = 0; i < batch_.rows.size(); ++i) {
    const std::string token = fmt::format("{}-{}", batch_.bounds.token, batch_.sequences[i]);
    const std::span<const store::RowBatch> one = std::span(batch_.rows).subspan(i, 1);
    Result<void> written = writer_.Write(one, token, first_seq, keep_trying);
    first_seq += batch_.rows[i].rows();
    if (written) continue;
    if (written.error().code != ErrorCode::kInvalidArgument) return written;
    RETURN_IF_ERROR(Quarantine(batch_.sequences[i], written.error()));
  }
  return {};
}

Result<void> Committer::Quarantine(std::uint64_t sequence, const Error& error) {
  ASSIGN_OR_RETURN(const std::string payload, journal_.Read(sequence));
  std::error_code failed;
  std::filesystem::create_directories(quarantine_, failed);
  if (failed)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot make {}: {}", quarantine_.string(), failed.message()));
  const std::filesystem::path path = quarantine_ / fmt::format("{}.request", sequence);
  RETURN_IF_ERROR(WriteFileDurably(path, payload));
  spdlog::error("a request cannot be stored, kept as {}: {}", path.string(), error.message);
  const std::lock_guard lock(mutex_);
  ++quarantined_;
  return {};
}

bool Committer::KeepTrying(const Error& error) {
  std::unique_lock lock(mutex_);
  if (stopping_) return false;
  if (!std::exchange(outage_logged_, true))
    spdlog::warn("nothing can be stored, trying until it can: {}", error.message);
  changed_.wait_for(lock, kRetryPause, [&] { return stopping_; });
  return true;
}

void Committer::Forget(std::uint64_t stored_end) {
  {
    const std::lock_guard lock(mutex_);
    stored_end_ = stored_end;
    if (std::exchange(outage_logged_, false)) spdlog::info("storing goes on");
    for (; !arrivals_.empty() && arrivals_.front().sequence < stored_end; arrivals_.pop_front()) {
      arrived_rows_ -= arrivals_.front().rows;
      for (const TraceId& id : arrivals_.front().traces) {
        const auto last = last_entry_of_.find(id);
        if (last != last_entry_of_.end() && last->second < stored_end) last_entry_of_.erase(last);
      }
    }
  }
  changed_.notify_all();
}

}  // namespace nightjar::ingest
