#include "ingest/log_joiner.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <utility>

namespace nightjar::ingest {
namespace {

constexpr std::size_t kSpansMax = 1000;
constexpr std::uint64_t kBytesMax = 64 << 20;  // of spans, and of their bodies and records; one span may have more
constexpr std::chrono::hours kLookAgain{1};
constexpr int kPauseShare = 2;                     // a pause is as many times as long as the page before it took
constexpr std::chrono::milliseconds kPause{1000};  // in which more of the same trace arrives
constexpr std::chrono::milliseconds kStoredPause{100};

// False when told to stop.
bool Sleep(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

bool IsPassing(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDeadlineExceeded;
}

}  // namespace

LogJoiner::LogJoiner(ToldSpans& told, store::StaleSpans spans, RowRewriter& rewriter, const journal::Journal& journal)
    : told_(told), spans_(spans), rewriter_(rewriter), journal_(journal), thread_([this](const std::stop_token& stop) {
        Run(stop);
      }) {}

LogJoiner::~LogJoiner() = default;

void LogJoiner::Run(const std::stop_token& stop) {
  bool trouble_logged = false;
  while (!stop.stop_requested()) {
    const SpansOfProject due = told_.TakeDue(kSpansMax, look_at_, stop);
    if (due.second.empty() && !stop.stop_requested()) LookOnce(stop);
    if (due.second.empty()) continue;
    if (!Sleep(kPause, stop) || !WaitUntilStored(stop)) return;
    const Result<void> joined = Join(due);
    if (joined) continue;
    told_.GiveBack(due);
    if (!std::exchange(trouble_logged, true))
      spdlog::warn("what log records tell is not in the lists yet, trying until it is: {}", joined.error().message);
  }
}

void LogJoiner::LookOnce(const std::stop_token& stop) {
  if (looked_at_all_ && told_.HasForgotten()) {
    looked_at_all_ = false;
    looked_day_ = store::SpanPosition::kBeforeAll;
  }
  const Clock::time_point begin = Clock::now();
  if (looked_at_all_) {
    look_at_ = begin + kLookAgain;
    return;
  }
  if (const Result<bool> more = LookAtPage(stop); !more) {
    spdlog::debug("log records of earlier were not looked at: {}", more.error().message);
    look_at_ = Clock::now() + kPause;
  } else {
    const Clock::time_point end = Clock::now();
    look_at_ = *more ? end + kPauseShare * (end - begin) : end + kLookAgain;
  }
}

Result<bool> LogJoiner::LookAtPage(const std::stop_token& stop) {
  if (!looking_) {
    ASSIGN_OR_RETURN(const std::optional<std::uint16_t> day, spans_.LogDayBefore(looked_day_));
    looked_at_all_ = !day;
    if (!day) return false;
    looked_day_ = *day;
    looking_ = {.day = *day};
  }
  ASSIGN_OR_RETURN(const store::UntoldPage page, spans_.Untold(*looking_, kSpansMax));
  // A span comes either before it is remembered, and is stored when they are joined, or after it, and is due then.
  for (const auto& [project, spans] : page.spans) told_.Remember({project, spans});
  if (!page.spans.empty() && !WaitUntilStored(stop)) return false;
  for (const auto& [project, spans] : page.spans) RETURN_IF_ERROR(Join({project, spans}));
  looking_ = page.next;
  return true;
}

// What was acknowledged before.
bool LogJoiner::WaitUntilStored(const std::stop_token& stop) {
  const std::uint64_t acknowledged = journal_.end_pending();
  while (journal_.first_pending() < acknowledged)
    if (!Sleep(kStoredPause, stop)) return false;
  return true;
}

// Spans that are not stored yet are due again when they come.
Result<void> LogJoiner::Join(const SpansOfProject& spans) {
  ASSIGN_OR_RETURN(const std::vector<std::uint16_t> days, spans_.DaysOf(spans.first, spans.second));
  for (const std::uint16_t day : days) RETURN_IF_ERROR(JoinDay(spans, day));
  return {};
}

// Where all of them are too large, or one cannot be read, the halves are tried.
Result<void> LogJoiner::JoinDay(const SpansOfProject& spans, std::uint16_t day) {
  const auto read_and_store = [&]() -> Result<bool> {
    const RowRewriter::Turn turn = rewriter_.Begin();
    const bool is_one = spans.second.size() == 1;
    ASSIGN_OR_RETURN(
        store::StaleChunk chunk,
        spans_.ReadNamed(spans.first, spans.second, day, is_one ? store::QueryOptions().result_bytes_max : kBytesMax));
    return chunk.batch.spans.empty() ? Result<bool>(true) : rewriter_.Rewrite(turn, chunk);
  };
  Result<bool> stored = read_and_store();
  if (stored && !*stored) return Fail(ErrorCode::kUnavailable, "something was erased meanwhile");
  if (stored) return {};
  if (IsPassing(stored.error())) return Fail(stored.error());
  if (spans.second.size() == 1) {
    spdlog::error("what log records tell of a span of trace {} is not in the lists: {}",
                  spans.second.begin()->trace_id.ToHex(), stored.error().message);
    return {};
  }
  const auto middle = std::next(spans.second.begin(), static_cast<std::ptrdiff_t>(spans.second.size() / 2));
  RETURN_IF_ERROR(JoinDay({spans.first, {spans.second.begin(), middle}}, day));
  return JoinDay({spans.first, {middle, spans.second.end()}}, day);
}

}  // namespace nightjar::ingest
