#include "store/span_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"
#include "store/segment_bodies.h"
#include "store/span_addresses.h"
#include "store/span_decoder.h"

namespace nightjar::store {

namespace {

// Of more spans than this that start together a part is found without reading all of them only when it is a range of
// ids: these have the order of the table.
constexpr std::size_t kByDurationMax = 2'000;

// A parent that starts with its child comes first, because it is longer.
auto RankOf(const SpanPosition& position) {
  return std::tuple(position.start_unix_ns,
                    static_cast<std::int64_t>(-static_cast<std::uint64_t>(position.duration_ns)), position.span_id);
}

auto StartingWith(std::span<const SpanPosition> spans, const SpanPosition& one) {
  return std::ranges::equal_range(spans, one.start_unix_ns, {}, &SpanPosition::start_unix_ns);
}

bool IsById(const TraceIndex& trace, const SpanPosition& one) {
  return StartingWith(trace.spans, one).size() > kByDurationMax;
}

void SortSpans(std::vector<SpanPosition>& spans) {
  std::ranges::sort(spans, {}, RankOf);
  for (std::span<SpanPosition> rest = spans; !rest.empty();) {
    const std::size_t together = StartingWith(rest, rest.front()).size();
    if (together > kByDurationMax) std::ranges::sort(rest.first(together), {}, &SpanPosition::span_id);
    rest = rest.subspan(together);
  }
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
  SortSpans(trace.spans);
  return trace;
}

// The order is the engine's too, so that a part of the trace is a range. Other copies of its spans may lie in the
// range, or outside.
Result<model::SpanBatch> SpanReader::ReadSpans(const TraceIndex& trace, std::size_t begin, std::size_t end) const {
  CHECK(begin < end && end <= trace.spans.size());
  const std::span<const SpanPosition> wanted = std::span(trace.spans).subspan(begin, end - begin);
  const auto rank = [&](const SpanPosition& position) {
    return IsById(trace, position) ? "span_id" : "(negate(duration_ns), span_id)";
  };
  const auto number = [&](const SpanPosition& position) {
    const auto [start, duration, id] = RankOf(position);
    return IsById(trace, position) ? std::to_string(id) : fmt::format("(toInt64('{}'), {})", duration, id);
  };
  ASSIGN_OR_RETURN(
      model::SpanBatch batch,
      Read({fmt::format("project = {{project:String}} AND trace_id = toFixedString(unhex({{trace:String}}), 16) "
                        "AND seq <= {0} AND start_unix_ns BETWEEN {1} AND {2} AND (start_unix_ns > {1} OR {3} >= {4}) "
                        "AND (start_unix_ns < {2} OR {5} <= {6})",
                        trace.seq_max, wanted.front().start_unix_ns, wanted.back().start_unix_ns, rank(wanted.front()),
                        number(wanted.front()), rank(wanted.back()), number(wanted.back())),
            {{"project", trace.project}, {"trace", trace.trace_id.ToHex()}}}));
  std::unordered_map<std::uint64_t, std::size_t> place_of;
  for (std::size_t i = 0; i < wanted.size(); ++i) place_of.emplace(wanted[i].span_id, i);
  const auto place = [&](const model::Span& span) {
    const auto found = place_of.find(SpanIdNumber(span.span_id));
    const auto duration = static_cast<std::int64_t>(span.end_unix_ns - span.start_unix_ns);
    const bool is_meant = found != place_of.end() && wanted[found->second].start_unix_ns == span.start_unix_ns &&
                          wanted[found->second].duration_ns == duration;
    return is_meant ? found->second : wanted.size();
  };
  std::erase_if(batch.spans, [&](const model::Span& span) { return place(span) == wanted.size(); });
  std::ranges::sort(batch.spans, {}, place);
  return batch;
}

Result<model::SpanBatch> SpanReader::ReadSpans(const std::string& project, const std::set<SpanAddress>& spans) const {
  SpanCondition is_one = IsOneOf(project, spans);
  return Read({std::move(is_one.sql), std::move(is_one.params)});
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
