// Some libraries tell the messages, the user or the failure of a call in log records. They come in requests of their
// own, before the span or after it. The columns that lists filter by are made from the span alone when it arrives, and
// here once more, a second or two after both are stored. At the start all stored records are looked at, of any age, for
// what was stored and not joined; later once an hour, if spans that records told of had to be forgotten.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"
#include "ingest/row_rewriter.h"
#include "ingest/told_spans.h"
#include "journal/journal.h"
#include "store/stale_spans.h"

namespace nightjar::ingest {

// Belongs to one thread.
class LogJoiner {
 public:
  // Begins with what earlier runs of the program left. The references outlive the joiner.
  LogJoiner(ToldSpans& told, store::StaleSpans spans, RowRewriter& rewriter, const journal::Journal& journal);
  // Ends after the call of the engine that is under way.
  ~LogJoiner();
  LogJoiner(const LogJoiner&) = delete;
  LogJoiner& operator=(const LogJoiner&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  void Run(const std::stop_token& stop);
  // One page of what earlier runs left, and of what came when its records were forgotten.
  void LookOnce(const std::stop_token& stop);
  // Whether there may be more.
  Result<bool> LookAtPage(const std::stop_token& stop);
  // False when told to stop.
  bool WaitUntilStored(const std::stop_token& stop);
  Result<void> Join(const SpansOfProject& spans);
  Result<void> JoinDay(const SpansOfProject& spans, std::uint16_t day);

  ToldSpans& told_;
  const store::StaleSpans spans_;
  RowRewriter& rewriter_;
  const journal::Journal& journal_;
  // Of the thread: stored records that are looked at, the latest day first, and when the next page is read.
  std::optional<store::UntoldPosition> looking_;
  std::uint32_t looked_day_ = store::SpanPosition::kBeforeAll;
  bool looked_at_all_ = false;
  Clock::time_point look_at_ = Clock::now();

  std::jthread thread_;  // last: it uses the others
};

}  // namespace nightjar::ingest
