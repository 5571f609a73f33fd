#include "ingest/log_joiner.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <utility>

#include "base/now.h"

namespace nightjar::ingest {
namespace {

constexpr std::size_t kSpansMax = 1000;
constexpr std::uint64_t kBytesMax = 64 << 20;  // of spans, and of their bodies and records; one span may have more
constexpr UnixNanos kUntoldNs = 3'600'000'000'000;
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
  if (!FindUntold(stop)) return;
  bool trouble_logged = false;
  while (true) {
    const SpansOfProject due = told_.TakeDue(kSpansMax, stop);
    if (due.second.empty() || !Sleep(kPause, stop) || !WaitUntilStored(stop)) return;
    const Result<void> joined = Join(due);
    if (!joined) {
      told_.GiveBack(due);
      if (!std::exchange(trouble_logged, true))
        spdlog::warn("what log records tell is not in the lists yet, trying until it is: {}", joined.error().message);
    }
  }
}

// Records that were stored and not joined by an earlier run. Those of the last hour, by the clock of their senders.
bool LogJoiner::FindUntold(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto untold = spans_.Untold(Now() - kUntoldNs, ToldSpans::kMax);
    if (!untold) {
      spdlog::debug("log records of earlier were not looked for: {}", untold.error().message);
      if (!Sleep(kPause, stop)) return false;
      continue;
    }
    for (const auto& [project, spans] : *untold) told_.Add({project, spans});
    return true;
  }
  return false;
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
