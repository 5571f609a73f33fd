// Makes the rows of stored spans anew, by the rules and prices of now and with the log records that are known by now,
// under the sequence numbers that they have.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "ingest/committer.h"
#include "model/log_record.h"
#include "model/span.h"
#include "model/span_summary.h"
#include "store/segment.h"
#include "store/stale_spans.h"

namespace nightjar::ingest {

// How stored spans are understood now, with these of their log records; as many as spans.
using SummarizeStored =
    std::function<std::vector<model::SpanSummary>(const model::SpanBatch&, const std::vector<model::LogRecord>&)>;

// Thread-safe.
class RowRewriter {
 public:
  // REQUIRES: `committer` outlives the rewriter
  RowRewriter(store::StaleSpans spans, Committer& committer, const store::SegmentKey& key, SummarizeStored summarize)
      : spans_(spans), committer_(committer), key_(key), summarize_(std::move(summarize)) {}

  // One at a time, from before a chunk is read until it is stored: what is read in one turn must not replace what
  // another one wrote.
  struct Turn {
    std::unique_lock<std::mutex> lock;
    std::uint64_t erasures = 0;
  };
  Turn Begin();

  // Whether the rows of the chunk, whose spans are moved out, are stored: not if something was erased in this turn,
  // since what was erased must not come back.
  // REQUIRES: the chunk was read in this turn and has spans
  Result<bool> Rewrite(const Turn& turn, store::StaleChunk& chunk);

 private:
  const store::StaleSpans spans_;
  Committer& committer_;
  const store::SegmentKey key_;
  const SummarizeStored summarize_;
  std::mutex mutex_;
};

}  // namespace nightjar::ingest
