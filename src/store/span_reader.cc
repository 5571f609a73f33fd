#include "store/span_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/span_decoder.h"

namespace nightjar::store {

struct SpanReader::Where {
  std::string condition;
  std::vector<QueryParam> params;
};

Result<model::SpanBatch> SpanReader::ReadTrace(const std::optional<std::string>& project,
                                               const TraceId& trace_id) const {
  Where where{"trace_id = toFixedString(unhex({trace:String}), 16)", {{"trace", trace_id.ToHex()}}};
  if (project) {
    where.condition += " AND project = {project:String}";
    where.params.push_back({"project", *project});
  }
  return Read(where);
}

Result<model::SpanBatch> SpanReader::ReadSpan(const std::string& project, const TraceId& trace_id,
                                              const SpanId& span_id) const {
  return Read(
      {"trace_id = toFixedString(unhex({trace:String}), 16) AND project = {project:String} "
       "AND span_id = reinterpretAsUInt64(reverse(unhex({span:String})))",
       {{"trace", trace_id.ToHex()}, {"project", project}, {"span", span_id.ToHex()}}});
}

Result<model::SpanBatch> SpanReader::Read(const Where& where) const {
  const std::string spans_sql =
      fmt::format("SELECT {} FROM nightjar.spans WHERE {} ORDER BY {} LIMIT 1 BY project, trace_id, span_id",
                  kSpanColumns, where.condition, kNewestCopyFirst);
  ASSIGN_OR_RETURN(const std::string span_bytes, clickhouse_.Select(spans_sql, where.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(span_bytes));

  std::string segment_bytes;
  if (HasSegments(blocks)) {
    const std::string segments_sql = fmt::format(
        "SELECT hash, body FROM nightjar.segments WHERE (scope, hash) IN "
        "(SELECT segment_scope, arrayJoin(segments) FROM nightjar.spans WHERE {}) LIMIT 1 BY hash",
        where.condition);
    ASSIGN_OR_RETURN(segment_bytes, clickhouse_.Select(segments_sql, where.params, options_));
  }
  ASSIGN_OR_RETURN(model::SpanBatch batch, DecodeSpans(blocks, segment_bytes));
  std::ranges::sort(batch.spans, [](const model::Span& a, const model::Span& b) {
    // A parent that starts with its child comes first: it ends later.
    return std::tuple(a.start_unix_ns, ~a.end_unix_ns, a.span_id) <
           std::tuple(b.start_unix_ns, ~b.end_unix_ns, b.span_id);
  });
  return batch;
}

}  // namespace nightjar::store
