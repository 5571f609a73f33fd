#include "ingest/committer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/durable_file.h"

namespace nightjar::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryPause{100};

Result<std::uint64_t> ParseFirstSeq(const std::string& note) {
  std::uint64_t first_seq = 0;
  const auto [end, error] = std::from_chars(note.data(), note.data() + note.size(), first_seq);
  if (error != std::errc() || end != note.data() + note.size())
    return Fail(ErrorCode::kDataLoss, fmt::format("the journal's open batch has the note \"{}\"", note));
  return first_seq;
}

Result<void> Stopping() { return Fail(ErrorCode::kUnavailable, "the server is stopping"); }

// Calls use(trace id) for each span and each log record that belongs to a trace.
template <typename Use>
void ForEachTrace(const store::RowBatch& rows, Use use) {
  for (const store::SpanRow& row : rows.spans) use(row.span.trace_id);
  for (const store::LogRow& row : rows.logs)
    if (!row.trace_id.IsZero()) use(row.trace_id);
}

}  // namespace

Committer::Committer(journal::Journal& journal, store::SpanWriter writer, store::Eraser eraser, ReadRows read_rows,
                     std::filesystem::path quarantine)
    : limits_(),
      journal_(journal),
      read_rows_(std::move(read_rows)),
      quarantine_(std::move(quarantine)),
      recovered_end_(journal.end_pending()),
      writer_(std::move(writer)),
      eraser_(eraser),
      end_(recovered_end_),
      stored_end_(journal.first_pending()),
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

void Committer::Enqueue(std::uint64_t sequence, store::RowBatch rows) {
  {
    const std::lock_guard lock(mutex_);
    CHECK(sequence >= end_);
    end_ = sequence + 1;
    ForEachTrace(rows, [&](const TraceId& id) { last_entry_of_[id] = sequence; });
    if (ready_bytes_ + rows.bytes <= limits_.memory_bytes_max) {
      ready_bytes_ += rows.bytes;
      ready_rows_ += rows.rows();
      ready_.emplace(sequence, std::move(rows));
    }
  }
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
  const bool free = changed_.wait_for(lock, patience, [&] { return !in_turn_; });
  Result<void> done = Fail(ErrorCode::kUnavailable, "the telemetry engine does not finish what it was told");
  if (free) {
    lock.unlock();
    done = work();
    lock.lock();
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
  InTurn([&] { finished = FinishErasure(); });
  if (!finished) return;
  Clock::time_point next_commit = Clock::now();
  while (WaitForWork()) {
    InTurn([&] { EraseWhatIsDue(); });
    {
      std::unique_lock lock(mutex_);
      if (stored_end_ == end_) continue;
      changed_.wait_until(lock, next_commit, [&] {
        return stopping_ || readers_waiting_ != 0 || !erasures_.empty() || ready_rows_ >= limits_.gap_rows ||
               stored_end_ < recovered_end_;
      });
    }
    Result<void> stored;
    InTurn([&] {
      try {
        stored = StoreNext();
      } catch (const std::bad_alloc&) {  // the rows that were in hand are read from the journal again
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
  ASSIGN_OR_RETURN(const Batch batch, TakeBatch());
  RETURN_IF_ERROR(Store(batch));
  // Not marked as finished, the batch is offered again after a restart, and the engine drops what it has.
  if (const auto finished = journal_.FinishBatch(); !finished)
    spdlog::error("the journal cannot mark a batch as stored: {}", finished.error().message);
  Forget(batch);
  return {};
}

// False when it is time to end: told to stop, and nothing is left.
bool Committer::WaitForWork() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || stored_end_ < end_ || !erasures_.empty(); });
  return stored_end_ < end_ || !stopping_;
}

Result<Committer::Batch> Committer::TakeBatch() {
  Batch batch;
  const std::optional<journal::Batch> open = journal_.open_batch();
  std::uint64_t end = 0;
  {
    const std::lock_guard lock(mutex_);
    end = open ? open->last + 1 : end_;
  }
  std::size_t rows_taken = 0;
  std::size_t bytes = 0;
  std::uint64_t next = journal_.first_pending();
  for (; next < end; ++next) {
    if (!open && (rows_taken >= limits_.batch_rows_max || bytes >= limits_.batch_bytes_max)) break;
    Result<store::RowBatch> rows = RowsOf(next);
    if (!rows) {
      PutBack(std::move(batch));
      return Fail(std::move(rows).error());
    }
    if (rows->empty()) continue;
    rows_taken += rows->rows();
    bytes += rows->bytes;
    batch.sequences.push_back(next);
    batch.rows.push_back(*std::move(rows));
  }
  if (open) {
    batch.bounds = *open;
    ASSIGN_OR_RETURN(batch.first_seq, ParseFirstSeq(open->note));
    writer_.SkipSeq(batch.first_seq + rows_taken);
    return batch;
  }
  batch.first_seq = writer_.NextSeq(rows_taken);
  Result<journal::Batch> begun = journal_.BeginBatch(next - 1, std::to_string(batch.first_seq));
  if (!begun) {
    PutBack(std::move(batch));
    return Fail(std::move(begun).error());
  }
  batch.bounds = *std::move(begun);
  return batch;
}

void Committer::PutBack(Batch batch) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    ready_bytes_ += batch.rows[i].bytes;
    ready_rows_ += batch.rows[i].rows();
    ready_.emplace(batch.sequences[i], std::move(batch.rows[i]));
  }
}

Result<store::RowBatch> Committer::RowsOf(std::uint64_t sequence) {
  {
    const std::lock_guard lock(mutex_);
    const auto ready = ready_.find(sequence);
    if (ready != ready_.end()) {
      store::RowBatch rows = std::move(ready->second);
      ready_bytes_ -= rows.bytes;
      ready_rows_ -= rows.rows();
      ready_.erase(ready);
      return rows;
    }
  }
  const Result<std::string> payload = journal_.Read(sequence);
  if (!payload) {
    if (payload.error().code == ErrorCode::kUnavailable) return Fail(payload.error());
    spdlog::error("entry {} of the journal is damaged, what it held is lost: {}", sequence, payload.error().message);
    const std::lock_guard lock(mutex_);
    ++quarantined_;
    return store::RowBatch();
  }
  Result<store::RowBatch> rows = read_rows_(*payload);
  if (rows) return rows;
  RETURN_IF_ERROR(Quarantine(sequence, rows.error()));
  return store::RowBatch();
}

Result<void> Committer::Store(const Batch& batch) {
  if (batch.rows.empty()) return {};
  const auto keep_trying = [&](const Error& error) { return KeepTrying(error); };
  Result<void> written = writer_.Write(batch.rows, batch.bounds.token, batch.first_seq, keep_trying);
  if (written || written.error().code != ErrorCode::kInvalidArgument) return written;
  // The engine refuses something in here: find out which entry it is, so that the others are stored.
  spdlog::error("an insert of {} requests was refused, trying them one by one: {}", batch.rows.size(),
                written.error().message);
  return StoreOneByOne(batch);
}

Result<void> Committer::StoreOneByOne(const Batch& batch) {
  const auto keep_trying = [&](const Error& error) { return KeepTrying(error); };
  std::uint64_t first_seq = batch.first_seq;
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    const std::string token = fmt::format("{}-{}", batch.bounds.token, batch.sequences[i]);
    const std::span<const store::RowBatch> one = std::span(batch.rows).subspan(i, 1);
    Result<void> written = writer_.Write(one, token, first_seq, keep_trying);
    first_seq += batch.rows[i].rows();
    if (written) continue;
    if (written.error().code != ErrorCode::kInvalidArgument) return written;
    RETURN_IF_ERROR(Quarantine(batch.sequences[i], written.error()));
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

void Committer::Forget(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    stored_end_ = batch.bounds.last + 1;
    if (std::exchange(outage_logged_, false)) spdlog::info("storing goes on");
    for (const store::RowBatch& rows : batch.rows)
      ForEachTrace(rows, [&](const TraceId& id) {
        const auto last = last_entry_of_.find(id);
        if (last != last_entry_of_.end() && last->second < stored_end_) last_entry_of_.erase(last);
      });
  }
  changed_.notify_all();
}

}  // namespace nightjar::ingest
