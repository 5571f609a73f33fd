#include "query/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>

#include "base/check.h"
#include "query/relevance.h"
#include "query/score_sql.h"
#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/repeated_calls.h"

namespace nightjar::query {
namespace {

using store::NativeBlock;
using store::NativeColumn;

constexpr UnixNanos kHourNs = 3'600'000'000'000;
// How far back the newest traces are looked for before all are: most pages end in the first.
constexpr UnixNanos kLookBackNs[] = {kHourNs, 24 * kHourNs, 744 * kHourNs};

SpanId SpanIdOf(std::uint64_t number) { return *SpanId::FromHex(fmt::format("{:016x}", number)); }

// "(key, ids) < (…)" for the rows behind the position; "1" without one.
std::string Behind(const PageRequest& request, bool spans, std::vector<store::QueryParam>& params) {
  if (!request.after) return "1";
  params.push_back({"after_key", request.after->key});
  params.push_back({"after_trace", request.after->trace_id.ToHex()});
  std::string ids = "toFixedString(unhex({after_trace:String}), 16)";
  if (spans) {
    params.push_back({"after_span", std::to_string(store::SpanIdNumber(request.after->span_id))});
    ids += ", {after_span:UInt64}";
  }
  return fmt::format("(key, trace_id{}) {} ({{after_key:{}}}, {})", spans ? ", span_id" : "",
                     request.order.ascending ? ">" : "<", request.order.sql_type(), ids);
}

// The rows of the columns key text, trace id and, for spans, span id; the one behind the page becomes `next`.
template <typename Row, typename Read>
Page<Row> ReadPage(const std::vector<NativeBlock>& blocks, std::size_t limit, Read read) {
  Page<Row> page;
  Position last;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      if (page.rows.size() == limit) {
        page.next = std::move(last);
        return page;
      }
      last = {
          std::string(block.columns.at(0).Text(row)), *TraceId::FromBytes(block.columns.at(1).Text(row)), SpanId(), {}};
      if (block.columns.size() > 2) last.span_id = SpanIdOf(block.columns.at(2).Fixed<std::uint64_t>(row));
      page.rows.push_back(read(last));
    }
  return page;
}

constexpr const char* kHitColumns =
    "trace_id, span_id, parent_span_id, start_unix_ns, duration_ns, status, known, name, title, kind, status_message, "
    "service_name, model, provider, agent_name, tool_name, session_id, user_id, finish_reason, exception_type, "
    "exception_message, input_preview, output_preview, prompt_tokens, completion_tokens, total_tokens, "
    "cache_read_tokens, first_token_ns, cost_usd, reported_cost_usd";

// From the column `next` on.
SpanHit ReadHit(const NativeBlock& block, std::size_t row, const std::string& project, std::size_t next = 0) {
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
  SpanHit hit;
  hit.project = project;
  hit.trace_id = *TraceId::FromBytes(column().Text(row));
  hit.span_id = SpanIdOf(column().Fixed<std::uint64_t>(row));
  if (const auto parent = column().Fixed<std::uint64_t>(row); parent != 0) hit.parent_span_id = SpanIdOf(parent);
  hit.start_unix_ns = column().Fixed<std::uint64_t>(row);
  hit.duration_ns = column().Fixed<std::int64_t>(row);
  hit.status = column().Fixed<std::int32_t>(row);
  const auto known = column().Fixed<std::uint16_t>(row);
  for (std::string SpanHit::* field :
       {&SpanHit::name, &SpanHit::title, &SpanHit::kind, &SpanHit::status_message, &SpanHit::service_name,
        &SpanHit::model, &SpanHit::provider, &SpanHit::agent_name, &SpanHit::tool_name, &SpanHit::session_id,
        &SpanHit::user_id, &SpanHit::finish_reason, &SpanHit::exception_type, &SpanHit::exception_message,
        &SpanHit::input_preview, &SpanHit::output_preview})
    hit.*field = column().Text(row);
  const auto number = [&](unsigned bit, std::optional<std::uint64_t>& out) {
    const auto value = column().Fixed<std::uint64_t>(row);
    if ((known >> bit & 1U) != 0) out = value;
  };
  number(0, hit.prompt_tokens);
  number(1, hit.completion_tokens);
  number(2, hit.total_tokens);
  number(3, hit.cache_read_tokens);
  number(8, hit.first_token_ns);
  hit.estimated = (known >> 9 & 1U) != 0;
  const auto priced = column().Fixed<double>(row);
  const auto reported = column().Fixed<double>(row);
  if ((known >> 7 & 1U) != 0)
    hit.cost_usd = priced;
  else if ((known >> 6 & 1U) != 0)
    hit.cost_usd = reported;
  return hit;
}

}  // namespace

namespace {

using FirstStart = std::function<Result<UnixNanos>()>;

// `ask(from)` for a page of what started since then. The newest are looked for in the last hour, then day, then month,
// as long as the project has spans before that: `first` is its first start.
template <typename Row, typename Ask>
Result<Page<Row>> LookingBack(const PageRequest& request, const FirstStart& first_start, Ask ask) {
  CHECK(request.limit > 0 && request.limit <= kPageRowsMax);
  const Window& window = request.window;
  if (window.from || !request.order.is_newest_first()) return ask(window.from);
  ASSIGN_OR_RETURN(const UnixNanos first, first_start());
  UnixNanos end = window.to.value_or(window.now);
  if (request.after) {
    const std::string& key = request.after->key;
    std::from_chars(key.data(), key.data() + key.size(), end);
  }
  for (const UnixNanos back : kLookBackNs) {
    if (end <= back || end - back <= first) break;
    ASSIGN_OR_RETURN(Page<Row> page, ask(end - back));
    if (page.next) return page;
  }
  return ask(std::nullopt);
}

}  // namespace

Result<Page<TraceId>> Search::Traces(const PageRequest& request) const {
  return LookingBack<TraceId>(
      request, [&] { return FirstStartOf(request); },
      [&](std::optional<UnixNanos> from) { return TracesSince(from, request); });
}

// Of all its spans, matching or not: the index knows it.
Result<UnixNanos> Search::FirstStartOf(const PageRequest& request) const {
  const std::vector<store::QueryParam> params = {{"project", request.window.project}};
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse_.Select("SELECT min(start_unix_ns) FROM nightjar.spans WHERE project = {project:String}",
                                      params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  return blocks.empty() ? 0 : blocks[0].columns.at(0).Fixed<std::uint64_t>(0);
}

Result<Page<TraceId>> Search::TracesSince(std::optional<UnixNanos> from, const PageRequest& request) const {
  Window window = request.window;
  window.from = from;
  Condition condition = Compile(request.expression, Grain::kTrace, window);
  ASSIGN_OR_RETURN(const std::string key, KeyOf(request.order, request.expression, ListOf::kTraces, condition.params));
  const std::string behind = Behind(request, false, condition.params);
  const std::string_view direction = request.order.ascending ? "ASC" : "DESC";
  const bool by_calls = request.order.sums_calls;
  const std::string sql = fmt::format(
      "{7}SELECT toString({0} AS key), trace_id FROM {1} GROUP BY trace_id "
      "HAVING min(start_unix_ns) >= {2} AND min(start_unix_ns) < {3} AND {4} ORDER BY key {5}, trace_id {5} "
      "LIMIT {6}{8}",
      key, RowsToSort(request.order, ListOf::kTraces, condition.sql), window.from.value_or(0),
      window.to.value_or(~UnixNanos{0}), behind, direction, request.limit + 1, by_calls ? WithIsCall(window) : "",
      by_calls ? store::kRepeatsSettings : condition.settings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  return ReadPage<TraceId>(blocks, request.limit, [](const Position& row) { return row.trace_id; });
}

Result<Page<std::pair<TraceId, SpanId>>> Search::SpansSince(std::optional<UnixNanos> from,
                                                            const PageRequest& request) const {
  Window window = request.window;
  window.from = from;
  Condition condition = Compile(request.expression, Grain::kSpan, window);
  ASSIGN_OR_RETURN(const std::string key, KeyOf(request.order, request.expression, ListOf::kSpans, condition.params));
  const std::string behind = Behind(request, true, condition.params);
  const std::string_view direction = request.order.ascending ? "ASC" : "DESC";
  const std::string sql = fmt::format(
      "SELECT toString({0} AS key), trace_id, span_id FROM {1} AND {2} "
      "ORDER BY key {3}, trace_id {3}, span_id {3} LIMIT {4}{5}",
      key, RowsToSort(request.order, ListOf::kSpans, condition.sql), behind, direction, request.limit + 1,
      condition.settings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  return ReadPage<std::pair<TraceId, SpanId>>(blocks, request.limit,
                                              [](const Position& row) { return std::pair(row.trace_id, row.span_id); });
}

Result<Page<SpanHit>> Search::Spans(const PageRequest& request) const {
  using Ids = std::pair<TraceId, SpanId>;
  ASSIGN_OR_RETURN(const auto found, LookingBack<Ids>(
                                         request, [&] { return FirstStartOf(request); },
                                         [&](auto from) { return SpansSince(from, request); }));
  Page<SpanHit> page;
  page.next = found.next;
  if (found.rows.empty()) return page;
  std::string traces = "[";
  std::string spans = "[";
  for (const auto& [trace_id, span_id] : found.rows) {
    const char* comma = traces.size() > 1 ? "," : "";
    traces += fmt::format("{}'{}'", comma, trace_id.ToHex());
    spans += fmt::format("{}{}", comma, store::SpanIdNumber(span_id));
  }
  const std::vector<store::QueryParam> params = {{"project", request.window.project},
                                                 {"traces", traces + "]", store::ParamForm::kLiteral},
                                                 {"spans", spans + "]", store::ParamForm::kLiteral}};
  const std::string sql = fmt::format(
      "SELECT {} FROM nightjar.spans FINAL WHERE project = {{project:String}} AND trace_id IN (SELECT "
      "toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16)) AND has({{spans:Array(UInt64)}}, span_id)",
      kHitColumns);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  std::map<std::pair<TraceId, SpanId>, SpanHit> hits;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      SpanHit hit = ReadHit(block, row, request.window.project);
      hits.insert_or_assign({hit.trace_id, hit.span_id}, std::move(hit));
    }
  // One that was erased between the two questions is left out.
  for (const auto& ids : found.rows)
    if (const auto hit = hits.find(ids); hit != hits.end()) page.rows.push_back(std::move(hit->second));
  return page;
}

Result<std::vector<Arrival>> Search::Arrived(const Expression& expression, const Window& window, std::uint64_t seq,
                                             std::size_t limit) const {
  const Condition condition = Compile(expression, Grain::kSpan, window);
  const std::string sql =
      fmt::format("SELECT seq, {} FROM nightjar.spans WHERE seq > {} AND {} ORDER BY seq LIMIT 1 BY seq LIMIT {}{}",
                  kHitColumns, seq, condition.sql, limit, condition.settings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<Arrival> arrivals;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      arrivals.push_back({block.columns.at(0).Fixed<std::uint64_t>(row), ReadHit(block, row, window.project, 1)});
  return arrivals;
}

Result<std::uint64_t> Search::LastSeq(const std::string& project) const {
  const std::vector<store::QueryParam> params = {{"project", project}};
  ASSIGN_OR_RETURN(
      const std::string bytes,
      clickhouse_.Select("SELECT max(seq) FROM nightjar.spans WHERE project = {project:String}", params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  return blocks.empty() ? 0 : blocks[0].columns.at(0).Fixed<std::uint64_t>(0);
}

}  // namespace nightjar::query
