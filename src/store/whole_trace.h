// A trace of not very many spans, with what a list says of it, from one question: each question about a trace costs the
// engine the same search for its rows again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "model/span.h"
#include "store/clickhouse.h"
#include "store/span_reader.h"
#include "store/trace_list.h"

namespace nightjar::store {

struct WholeTrace {
  TraceSummary summary;    // as TraceList::Summarize gives it
  TraceIndex index;        // as SpanReader::IndexTrace gives it; without spans nothing is known of the trace
  model::SpanBatch batch;  // batch.spans[i] is that of index.spans[i]
};

// What may be read at once. A larger trace is read a page of this size at a time.
constexpr std::size_t kPageSpansMax = 2'000;
constexpr std::uint64_t kPageBytesMax = 16 << 20;  // of rows, and of the bodies they refer to

// Nothing when the trace has more than that.
Result<std::optional<WholeTrace>> ReadWholeTrace(ClickHouse& clickhouse, const std::optional<std::string>& project,
                                                 const TraceId& trace_id, QueryOptions options);

}  // namespace nightjar::store
