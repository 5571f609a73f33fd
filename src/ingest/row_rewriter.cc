#include "ingest/row_rewriter.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"
#include "store/span_row.h"

namespace nightjar::ingest {
namespace {

constexpr std::chrono::milliseconds kTurnPatience{3000};

// Never the same for two chunks, also of two runs of the program.
std::string NextToken() {
  static std::atomic<std::uint64_t> count = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return fmt::format("rederive-{}-{}", std::chrono::duration_cast<std::chrono::nanoseconds>(now).count(), ++count);
}

// The rows of a chunk, whose spans are moved out, and of their segments those that lie in no table yet: of rows whose
// scope changed.
store::RowBatch RowsOf(store::StaleChunk& chunk, const store::SegmentKey& key, const SummarizeStored& summarize) {
  std::vector<model::SpanSummary> summaries = summarize(chunk.batch, chunk.logs);
  store::RowBatch rows = store::MakeRows(std::move(chunk.batch), std::move(summaries), key, 0);
  CHECK(rows.spans.size() == chunk.segment_scopes.size());
  std::set<store::UInt128> changed;
  for (std::size_t i = 0; i < rows.spans.size(); ++i) {
    rows.spans[i].day = chunk.day;
    if (rows.spans[i].segment_scope != chunk.segment_scopes[i]) changed.insert(rows.spans[i].segment_scope);
  }
  std::set<std::pair<store::UInt128, store::UInt128>> met;
  std::erase_if(rows.segments, [&](const store::Segment& segment) {
    return !changed.contains(segment.scope) || !met.emplace(segment.scope, segment.hash).second;
  });
  for (store::Segment& segment : rows.segments) segment.day = chunk.day;
  return rows;
}

}  // namespace

RowRewriter::Turn RowRewriter::Begin() {
  std::unique_lock lock(mutex_);
  return {std::move(lock), committer_.erasures()};
}

Result<bool> RowRewriter::Rewrite(const Turn& turn, store::StaleChunk& chunk) {
  const store::RowBatch rows = RowsOf(chunk, key_, summarize_);
  bool stored = false;
  // A later copy of a span may have come since it was read: it has a higher sequence number, and wins.
  RETURN_IF_ERROR(committer_.BetweenTurns(kTurnPatience, [&]() -> Result<void> {
    if (committer_.erasures() != turn.erasures) return {};
    Result<void> written = spans_.Rewrite(rows, chunk.seqs, NextToken());
    stored = written.has_value();
    return written;
  }));
  return stored;
}

}  // namespace nightjar::ingest
