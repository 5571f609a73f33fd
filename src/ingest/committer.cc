#include "ingest/committer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/check.h"

namespace nightjar::ingest {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryPause{100};

}  // namespace

Committer::Committer(store::SpanWriter writer, CommitterLimits limits)
    : limits_(limits), writer_(std::move(writer)), thread_([this] { Run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<void> Committer::Submit(store::RowBatch rows, Done done) {
  CHECK(!rows.rows.empty());
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Fail(ErrorCode::kUnavailable, "the server is stopping; send again later");
    if (held_bytes_ + rows.bytes > limits_.queue_bytes_max && held_bytes_ != 0)
      return Fail(ErrorCode::kUnavailable,
                  fmt::format("{} MiB of spans wait to be stored; send again later", held_bytes_ >> 20));
    held_bytes_ += rows.bytes;
    queued_spans_ += rows.rows.size();
    queue_.push_back({std::move(rows), std::move(done)});
  }
  changed_.notify_all();
  return {};
}

void Committer::Run() {
  Clock::time_point next_commit = Clock::now();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      changed_.wait_until(lock, next_commit, [&] { return stopping_ || queued_spans_ >= limits_.gap_spans; });
    }
    Commit(TakeBatch());
    next_commit = Clock::now() + limits_.gap;
  }
}

std::vector<Committer::Pending> Committer::TakeBatch() {
  const std::lock_guard lock(mutex_);
  std::vector<Pending> batch;
  std::size_t spans = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const store::RowBatch& next = queue_.front().rows;
    const bool fits =
        spans + next.rows.size() <= limits_.batch_spans_max && bytes + next.bytes <= limits_.batch_bytes_max;
    if (!batch.empty() && !fits) break;
    spans += next.rows.size();
    bytes += next.bytes;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_spans_ -= spans;
  return batch;
}

void Committer::Commit(std::vector<Pending> batch) {
  std::vector<store::RowBatch> rows;
  std::size_t bytes = 0;
  for (Pending& pending : batch) {
    bytes += pending.rows.bytes;
    rows.push_back(std::move(pending.rows));
  }
  const Result<void> written = Write(rows);
  if (!written && written.error().code != ErrorCode::kUnavailable && rows.size() > 1) {
    // The engine refuses something in here: find out whose it is, so that the others are stored.
    spdlog::error("an insert of {} requests was refused, trying them one by one: {}", rows.size(),
                  written.error().message);
    for (std::size_t i = 0; i < rows.size(); ++i) batch[i].done(Write(std::span(rows).subspan(i, 1)));
  } else {
    for (const Pending& pending : batch) pending.done(written);
  }
  const std::lock_guard lock(mutex_);
  held_bytes_ -= bytes;
}

Result<void> Committer::Write(std::span<const store::RowBatch> rows) {
  const Clock::time_point give_up = Clock::now() + limits_.outage_max;
  return writer_.Write(rows, [&](const Error& error) {
    std::unique_lock lock(mutex_);
    if (stopping_ || Clock::now() >= give_up) return false;
    spdlog::warn("the engine did not take an insert, trying again: {}", error.message);
    changed_.wait_for(lock, kRetryPause, [&] { return stopping_; });
    return true;
  });
}

}  // namespace nightjar::ingest
