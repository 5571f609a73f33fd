#include "ingest/rederiver.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace nightjar::ingest {
namespace {

using Clock = std::chrono::steady_clock;
using Phase = RederiverState::Phase;

constexpr std::chrono::milliseconds kRetryPause{1000};
constexpr std::chrono::milliseconds kCalmPause{100};
// A request that was being read when the rules changed is in the journal by then.
constexpr std::chrono::milliseconds kSettle{1000};

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

Rederiver::Rederiver(store::StaleSpans spans, RowRewriter& rewriter, const journal::Journal& journal, Newest newest)
    : limits_(), spans_(spans), rewriter_(rewriter), journal_(journal), newest_(std::move(newest)), thread_([this] {
        Run();
      }) {}

Rederiver::~Rederiver() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Rederiver::Check() {
  {
    const std::lock_guard lock(mutex_);
    check_wanted_ = true;
  }
  changed_.notify_all();
}

RederiverState Rederiver::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Rederiver::SetPhase(Phase phase) {
  const std::lock_guard lock(mutex_);
  state_.phase = phase;
}

bool Rederiver::WaitFor(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return stopping_; });
}

void Rederiver::Run() {
  bool trouble_logged = false;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || check_wanted_; });
      if (stopping_) return;
      check_wanted_ = false;
      state_.phase = Phase::kChecking;
    }
    for (;;) {
      const Result<bool> worked = Pass();
      if (worked && !*worked) break;
      if (!worked) {
        if (!std::exchange(trouble_logged, true))
          spdlog::warn("spans cannot be derived again, trying until they can: {}", worked.error().message);
        SetPhase(Phase::kWaiting);
      }
      if (!WaitFor(worked ? kSettle : kRetryPause)) return;
    }
    trouble_logged = false;
    SetPhase(Phase::kIdle);
  }
}

Result<bool> Rederiver::Pass() {
  // What was acknowledged before comes into the tables first, by whichever rules it was read.
  if (!WaitFor(kSettle)) return false;
  const std::uint64_t acknowledged = journal_.end_pending();
  while (journal_.first_pending() < acknowledged)
    if (!WaitFor(kCalmPause)) return false;
  const store::Derivation newest = newest_();
  {
    const std::lock_guard lock(mutex_);
    state_.derivation = newest;
  }
  ASSIGN_OR_RETURN(store::RederivationMark mark, Begin(newest));
  if (mark.finished) return false;
  ASSIGN_OR_RETURN(const std::uint64_t left, spans_.CountLeft(mark));
  {
    const std::lock_guard lock(mutex_);
    state_.phase = Phase::kRunning;
    state_.done = mark.done;
    state_.left = left;
  }
  spdlog::info("deriving about {} spans again by rules {} and prices {}", left, newest.rules_version,
               newest.prices_version);
  const Clock::time_point begin = Clock::now();
  ASSIGN_OR_RETURN(const Clock::duration worked, Work(mark));
  if (!mark.finished) return false;  // told to stop
  spdlog::info("{} spans are derived again, in {:.3f} s, {:.3f} s of them at work", mark.done,
               Seconds(Clock::now() - begin), Seconds(worked));
  return true;
}

Result<store::RederivationMark> Rederiver::Begin(const store::Derivation& newest) {
  ASSIGN_OR_RETURN(const std::optional<store::RederivationMark> last, spans_.LastMark());
  if (last && !last->finished && last->derivation == newest) return *last;
  // A mark of rules that are newer than ours covers more than we ask for.
  const bool covered = last && last->finished && last->derivation.rules_version >= newest.rules_version &&
                       last->derivation.prices_version >= newest.prices_version;
  store::RederivationMark mark{.derivation = newest, .seq_begin = covered ? last->seq_end : 0, .position = {}};
  ASSIGN_OR_RETURN(const store::StaleSpans::Extent extent, spans_.Measure(newest, mark.seq_begin));
  mark.seq_end = extent.seq_end;
  mark.finished = extent.rows == 0;
  const bool as_before = covered && mark.finished && mark.seq_end == last->seq_end;
  if (!as_before) RETURN_IF_ERROR(spans_.Keep(mark));
  return mark;
}

Result<std::chrono::steady_clock::duration> Rederiver::Work(store::RederivationMark& mark) {
  Clock::duration worked{0};
  std::size_t spans_max = limits_.chunk_spans_max;
  Clock::time_point keep_at = Clock::now() + limits_.keep_every;
  for (;;) {
    if (!WaitForCalm()) break;
    const Clock::time_point begin = Clock::now();
    ASSIGN_OR_RETURN(const bool more, NextChunk(mark, spans_max));
    if (!more) {
      mark.finished = true;
      break;
    }
    const Clock::time_point now = Clock::now();
    worked += now - begin;
    if (now >= keep_at) {
      RETURN_IF_ERROR(spans_.Keep(mark));
      keep_at = now + limits_.keep_every;
    }
    if (!WaitFor(std::chrono::duration_cast<std::chrono::milliseconds>(limits_.pause_share * (now - begin)))) break;
  }
  RETURN_IF_ERROR(spans_.Keep(mark));
  const std::lock_guard lock(mutex_);
  if (mark.finished) state_.left = 0;
  return worked;
}

// False when told to stop.
bool Rederiver::WaitForCalm() {
  while (journal_.state().pending_bytes > limits_.backlog_bytes_max) {
    SetPhase(Phase::kWaiting);
    if (!WaitFor(kCalmPause)) return false;
  }
  SetPhase(Phase::kRunning);
  return true;
}

Result<bool> Rederiver::NextChunk(store::RederivationMark& mark, std::size_t& spans_max) {
  Result<bool> tried = TryChunk(mark, spans_max);
  if (tried) {
    spans_max = std::min(2 * spans_max, limits_.chunk_spans_max);
    return tried;
  }
  const ErrorCode code = tried.error().code;
  if (code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded) return tried;
  if (spans_max > 1) {  // too large, or one of them is damaged: the others are found by taking fewer
    spans_max /= 2;
    return true;
  }
  if (code == ErrorCode::kResourceExhausted) return tried;
  ASSIGN_OR_RETURN(const std::optional<store::SpanPosition> next, spans_.Next(mark));
  if (!next) return false;
  spdlog::error("a span of trace {} cannot be derived again and stays as it is: {}", next->trace_id.ToHex(),
                tried.error().message);
  mark.position = *next;
  const std::lock_guard lock(mutex_);
  ++state_.failed;
  return true;
}

Result<bool> Rederiver::TryChunk(store::RederivationMark& mark, std::size_t spans_max) {
  const RowRewriter::Turn turn = rewriter_.Begin();
  const std::uint64_t bytes_max = spans_max == 1 ? store::QueryOptions().result_bytes_max : limits_.chunk_bytes_max;
  ASSIGN_OR_RETURN(std::optional<store::StaleChunk> chunk, spans_.Read(mark, spans_max, bytes_max));
  if (!chunk) return false;
  const std::size_t spans = chunk->batch.spans.size();
  if (spans != 0) {
    ASSIGN_OR_RETURN(const bool stored, rewriter_.Rewrite(turn, *chunk));
    if (!stored) return true;  // the same once more
  }
  mark.position = chunk->end;
  mark.done += spans;
  const std::lock_guard lock(mutex_);
  state_.done = mark.done;
  state_.left -= std::min<std::uint64_t>(state_.left, chunk->rows);
  return true;
}

}  // namespace nightjar::ingest
