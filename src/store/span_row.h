// A span on its way into the table: its own fields, the columns derived for filtering, and its long values cut to
// ropes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/span.h"
#include "model/span_summary.h"
#include "store/log_row.h"
#include "store/metric_row.h"
#include "store/native_writer.h"
#include "store/segment.h"

namespace nightjar::store {

// The body of a segment and where it belongs. Spans of one session (or, without one, of one trace) share a scope.
struct Segment {
  UInt128 scope;
  UInt128 hash;
  std::uint16_t day = 0;
  std::string body;
};

// An attribute that is not a short string or a number, as the column attrs_other has it.
struct OtherAttribute {
  std::string key;
  std::string tagged;  // 'j' and JSON text, 'r' and the rope of a string, 'R' and the rope of JSON text
};

struct SpanRow {
  model::Span span;           // of its attributes only short strings and numbers; no events and links
  std::string_view resource;  // canonical JSON text of the resource, in RowBatch::origins
  std::string_view scope;     // … of the instrumentation scope
  std::uint16_t day = 0;      // partition: see PartitionDay
  model::SpanSummary promoted;
  UInt128 segment_scope;  // 0 without segments
  std::vector<UInt128> segments;
  std::vector<OtherAttribute> other_attributes;
  std::string events;  // EncodeEvents
  std::string links;   // EncodeLinks
};

// The rows of one request, and the segments its spans refer to. `bytes` is about what they hold in memory.
struct RowBatch {
  std::vector<SpanRow> spans;
  std::unique_ptr<const std::vector<std::string>> origins;  // what the spans have in common
  std::vector<Segment> segments;
  std::vector<LogRow> logs;
  MetricRows metrics;
  std::size_t bytes = 0;

  [[nodiscard]] std::size_t rows() const { return spans.size() + logs.size() + metrics.points.size(); }
  [[nodiscard]] bool empty() const { return rows() == 0; }
};

// Days since 1970 of a span's start when it lies near `now`; otherwise 0, the partition of far-off times. So one insert
// touches at most 43 partitions, whatever a client's clock says.
std::uint16_t PartitionDay(UnixNanos start_unix_ns, UnixNanos now_unix_ns);

// REQUIRES: summaries[i] is the summary of batch.spans[i].
RowBatch MakeRows(model::SpanBatch batch, std::vector<model::SpanSummary> summaries, const SegmentKey& key,
                  UnixNanos now_unix_ns);

}  // namespace nightjar::store
