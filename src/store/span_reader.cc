#include "store/span_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/segment_bodies.h"
#include "store/span_decoder.h"

namespace nightjar::store {

namespace {

using Rank = std::tuple<UnixNanos, std::int64_t, std::uint64_t>;

Rank RankOf(UnixNanos start, std::uint64_t duration, std::uint64_t span_id) {
  return {start, static_cast<std::int64_t>(-duration), span_id};
}

Rank RankOf(const SpanPosition& position) {
  return RankOf(position.start_unix_ns, static_cast<std::uint64_t>(position.duration_ns), position.span_id);
}

Rank RankOf(const model::Span& span) {
  return RankOf(span.start_unix_ns, span.end_unix_ns - span.start_unix_ns, SpanIdNumber(span.span_id));
}

}  // namespace

struct SpanReader::Where {
  std::string condition;
  std::vector<QueryParam> params;
};

Result<TraceIndex> SpanReader::IndexTrace(const std::optional<std::string>& project, const TraceId& trace_id) const {
  Where where{"trace_id = toFixedString(unhex({trace:String}), 16)", {{"trace", trace_id.ToHex()}}};
  if (project) {
    where.condition += " AND project = {project:String}";
    where.params.push_back({"project", *project});
  }
  const std::string sql = fmt::format(
      "SELECT project, start_unix_ns, duration_ns, span_id, seq FROM nightjar.spans WHERE {} ORDER BY {} "
      "LIMIT 1 BY project, trace_id, span_id",
      where.condition, kNewestCopyFirst);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, where.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::uint64_t seq_max = 0;
  std::map<std::string_view, std::vector<SpanPosition>> spans_of;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      spans_of[block.columns.at(0).Text(row)].push_back({block.columns.at(1).Fixed<std::uint64_t>(row),
                                                         block.columns.at(2).Fixed<std::int64_t>(row),
                                                         block.columns.at(3).Fixed<std::uint64_t>(row)});
      seq_max = std::max(seq_max, block.columns.at(4).Fixed<std::uint64_t>(row));
    }
  TraceIndex trace{.project = project.value_or(""), .trace_id = trace_id, .seq_max = seq_max, .spans = {}};
  const auto most = std::ranges::max_element(spans_of, {}, [](const auto& entry) { return entry.second.size(); });
  if (most == spans_of.end()) return trace;
  trace.project = most->first;
  trace.spans = std::move(most->second);
  std::ranges::sort(trace.spans, {}, [](const SpanPosition& position) { return RankOf(position); });
  return trace;
}

// The rank orders rows in the engine as RankOf() does here, so that a part of the trace is a range of ranks. Other
// copies of its spans may lie in the range, or outside.
Result<model::SpanBatch> SpanReader::ReadSpans(const TraceIndex& trace, std::size_t begin, std::size_t end) const {
  CHECK(begin < end && end <= trace.spans.size());
  const auto [first_start, first_duration, first_id] = RankOf(trace.spans[begin]);
  const auto [last_start, last_duration, last_id] = RankOf(trace.spans[end - 1]);
  ASSIGN_OR_RETURN(model::SpanBatch batch,
                   Read({"project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16) "
                         "AND seq <= {seq:UInt64} AND start_unix_ns BETWEEN {s1:UInt64} AND {s2:UInt64} "
                         "AND (start_unix_ns, negate(duration_ns), span_id) >= ({s1:UInt64}, {d1:Int64}, {i1:UInt64}) "
                         "AND (start_unix_ns, negate(duration_ns), span_id) <= ({s2:UInt64}, {d2:Int64}, {i2:UInt64})",
                         {{"project", trace.project},
                          {"trace", trace.trace_id.ToHex()},
                          {"seq", std::to_string(trace.seq_max)},
                          {"s1", std::to_string(first_start)},
                          {"d1", std::to_string(first_duration)},
                          {"i1", std::to_string(first_id)},
                          {"s2", std::to_string(last_start)},
                          {"d2", std::to_string(last_duration)},
                          {"i2", std::to_string(last_id)}}}));
  const auto is_meant = [&](const model::Span& span) {
    return std::ranges::binary_search(trace.spans.begin() + static_cast<std::ptrdiff_t>(begin),
                                      trace.spans.begin() + static_cast<std::ptrdiff_t>(end), RankOf(span), {},
                                      [](const SpanPosition& position) { return RankOf(position); });
  };
  std::erase_if(batch.spans, [&](const model::Span& span) { return !is_meant(span); });
  std::ranges::sort(batch.spans, {}, [](const model::Span& span) { return RankOf(span); });
  return batch;
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
  ASSIGN_OR_RETURN(const std::string segment_bytes, SelectBodies(clickhouse_, blocks, options_));
  return DecodeSpans(blocks, segment_bytes);
}

}  // namespace nightjar::store
