#include "ingest/rows_ahead.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/check.h"

namespace nightjar::ingest {
namespace {

std::size_t BytesOf(const Result<store::RowBatch>& rows) { return rows ? rows->bytes : 0; }

}  // namespace

RowsAhead::RowsAhead(Read read) : read_(std::move(read)), thread_([this] { Run(); }) {}

RowsAhead::~RowsAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RowsAhead::Extend(std::uint64_t end) {
  {
    const std::lock_guard lock(mutex_);
    end_ = std::max(end_, end);
  }
  changed_.notify_all();
}

void RowsAhead::StartAt(std::uint64_t sequence) {
  {
    const std::lock_guard lock(mutex_);
    if (sequence == to_take_) return;
    made_.clear();
    made_bytes_ = 0;
    to_take_ = to_read_ = sequence;
    ++starts_;
  }
  changed_.notify_all();
}

Result<store::RowBatch> RowsAhead::Take() {
  std::unique_lock lock(mutex_);
  CHECK(to_take_ < end_);
  changed_.wait(lock, [&] { return !made_.empty(); });
  Result<store::RowBatch> taken = std::move(made_.front());
  made_.pop_front();
  ++to_take_;
  made_bytes_ -= BytesOf(taken);
  lock.unlock();
  changed_.notify_all();
  return taken;
}

// REQUIRES: mutex_ is held
bool RowsAhead::HasWork() const { return to_read_ < end_ && (to_read_ == to_take_ || made_bytes_ < kBytesMax); }

void RowsAhead::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || HasWork(); });
    if (stopping_) return;
    const std::uint64_t sequence = to_read_++;
    const std::uint64_t start = starts_;
    lock.unlock();
    Result<store::RowBatch> rows = Fail(ErrorCode::kUnavailable, "out of memory");
    try {
      rows = read_(sequence);
    } catch (const std::bad_alloc&) {  // the entry is read again later
    }
    lock.lock();
    if (start != starts_) continue;
    made_bytes_ += BytesOf(rows);
    made_.push_back(std::move(rows));
    changed_.notify_all();
  }
}

}  // namespace nightjar::ingest
