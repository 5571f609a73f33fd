#include "store/whole_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/repeated_calls.h"
#include "store/segment_bodies.h"
#include "store/span_decoder.h"

namespace nightjar::store {
namespace {

// Bits of the column `known`.
constexpr std::uint16_t kPromptIsKnown = 1U << 0;
constexpr std::uint16_t kCompletionIsKnown = 1U << 1;
constexpr std::uint16_t kTotalIsKnown = 1U << 2;
constexpr std::uint16_t kSomeTokensAreKnown = kPromptIsKnown | kCompletionIsKnown | kTotalIsKnown;
constexpr std::uint16_t kCostIsKnown = 1U << 7;
constexpr std::uint16_t kSomeCostIsKnown = 1U << 6 | kCostIsKnown;
constexpr std::uint16_t kTokensAreEstimated = 1U << 9;

// Beside kSpanColumns: which copy counts, and what was derived.
constexpr std::string_view kFactColumns =
    "seq, rules_version, prices_version, log_records, title, kind, service_name, session_id, user_id, model, provider, "
    "response_hash, known, prompt_tokens, completion_tokens, total_tokens, cost_usd, reported_cost_usd, input_preview, "
    "output_preview";

// One row, as far as the summary and the choice of rows need it. Views into the answer of the engine.
struct RowFacts {
  std::size_t number = 0;  // of the row in the answer
  std::string_view project;
  std::uint64_t span_id = 0;
  std::uint64_t parent_span_id = 0;
  UnixNanos start_unix_ns = 0;
  std::int64_t duration_ns = 0;
  std::uint64_t seq = 0;
  std::uint32_t rules_version = 0;
  std::uint32_t prices_version = 0;
  std::uint32_t log_records = 0;
  std::int32_t status = 0;
  std::string_view name, title, kind, service_name, session_id, user_id, model, provider;
  std::uint64_t response_hash = 0;
  std::uint16_t known = 0;
  std::uint64_t prompt_tokens = 0, completion_tokens = 0, total_tokens = 0;
  double cost_usd = 0, reported_cost_usd = 0;
  std::string_view input_preview, output_preview;

  // That of kIsCall.
  [[nodiscard]] bool is_call() const { return kind == "LLM" || kind == "EMBEDDING" || kind == "RERANKER"; }
  [[nodiscard]] bool knows(std::uint16_t bits) const { return (known & bits) != 0; }
};

void ReadFacts(const NativeBlock& block, std::vector<RowFacts>& rows) {
  const std::size_t first = rows.size();
  rows.resize(first + block.rows);
  const auto each = [&](std::string_view name, const auto& set) {
    const NativeColumn& column = block.Named(name);
    for (std::size_t row = 0; row < block.rows; ++row) set(rows[first + row], column, row);
  };
  const auto text = [&](std::string_view name, std::string_view RowFacts::* field) {
    each(name, [&](RowFacts& facts, const NativeColumn& column, std::size_t row) { facts.*field = column.Text(row); });
  };
  const auto number = [&]<typename T>(std::string_view name, T RowFacts::* field) {
    each(name,
         [&](RowFacts& facts, const NativeColumn& column, std::size_t row) { facts.*field = column.Fixed<T>(row); });
  };
  for (std::size_t row = 0; row < block.rows; ++row) rows[first + row].number = first + row;
  text("project", &RowFacts::project);
  number("span_id", &RowFacts::span_id);
  number("parent_span_id", &RowFacts::parent_span_id);
  number("start_unix_ns", &RowFacts::start_unix_ns);
  number("duration_ns", &RowFacts::duration_ns);
  number("seq", &RowFacts::seq);
  number("rules_version", &RowFacts::rules_version);
  number("prices_version", &RowFacts::prices_version);
  number("log_records", &RowFacts::log_records);
  number("status", &RowFacts::status);
  text("name", &RowFacts::name);
  text("title", &RowFacts::title);
  text("kind", &RowFacts::kind);
  text("service_name", &RowFacts::service_name);
  text("session_id", &RowFacts::session_id);
  text("user_id", &RowFacts::user_id);
  text("model", &RowFacts::model);
  text("provider", &RowFacts::provider);
  number("response_hash", &RowFacts::response_hash);
  number("known", &RowFacts::known);
  number("prompt_tokens", &RowFacts::prompt_tokens);
  number("completion_tokens", &RowFacts::completion_tokens);
  number("total_tokens", &RowFacts::total_tokens);
  number("cost_usd", &RowFacts::cost_usd);
  number("reported_cost_usd", &RowFacts::reported_cost_usd);
  text("input_preview", &RowFacts::input_preview);
  text("output_preview", &RowFacts::output_preview);
}

// Of each span of the project with most of them the row that counts (kNewestCopyFirst), in the order of SpanPosition.
std::vector<RowFacts> NewestCopies(std::vector<RowFacts> rows) {
  std::ranges::sort(rows, std::greater(), [](const RowFacts& row) {
    return std::tuple(row.project, row.span_id, row.seq, row.rules_version, row.prices_version, row.log_records);
  });
  const auto copies =
      std::ranges::unique(rows, {}, [](const RowFacts& row) { return std::pair(row.project, row.span_id); });
  rows.erase(copies.begin(), copies.end());
  std::map<std::string_view, std::size_t> spans_of;
  for (const RowFacts& row : rows) ++spans_of[row.project];
  const auto most = std::ranges::max_element(spans_of, {}, [](const auto& entry) { return entry.second; });
  std::erase_if(rows, [&](const RowFacts& row) { return row.project != most->first; });
  std::ranges::sort(rows, {}, [](const RowFacts& row) {
    return std::tuple(row.start_unix_ns, static_cast<std::int64_t>(-static_cast<std::uint64_t>(row.duration_ns)),
                      row.span_id);
  });
  return rows;
}

CallFacts ToCall(const RowFacts& row, const TraceId& trace_id) {
  return {.address = {trace_id, SpanIdFromNumber(row.span_id)},
          .parent_span_id = SpanIdFromNumber(row.parent_span_id),
          .start_unix_ns = row.start_unix_ns,
          .end_unix_ns = row.start_unix_ns + static_cast<std::uint64_t>(std::max(row.duration_ns, std::int64_t{0})),
          .response_hash = row.response_hash,
          .kind = std::string(row.kind),
          .provider = std::string(row.provider),
          .model = std::string(row.model),
          .prompt_is_known = row.knows(kPromptIsKnown),
          .completion_is_known = row.knows(kCompletionIsKnown),
          .prompt_tokens = row.prompt_tokens,
          .completion_tokens = row.completion_tokens,
          .failed = static_cast<model::StatusCode>(row.status) == model::StatusCode::kError,
          .has_content = !row.input_preview.empty() || !row.output_preview.empty()};
}

// Adds what one call contributes to the totals of its trace.
void AddCall(const RowFacts& call, TraceSummary& trace) {
  const auto add = [&]<typename T>(std::uint16_t bits, std::optional<T>& sum, T value) {
    if (call.knows(bits)) sum = sum.value_or(0) + value;
  };
  add(kPromptIsKnown, trace.prompt_tokens, call.prompt_tokens);
  add(kCompletionIsKnown, trace.completion_tokens, call.completion_tokens);
  add(kTotalIsKnown, trace.total_tokens, call.total_tokens);
  add(kSomeCostIsKnown, trace.cost_usd, call.knows(kCostIsKnown) ? call.cost_usd : call.reported_cost_usd);
  if (call.knows(kSomeTokensAreKnown) && !call.knows(kSomeCostIsKnown)) ++trace.unpriced_calls;
  trace.estimated |= call.knows(kTokensAreEstimated);
}

// What the root says, or without one the earliest span.
void Describe(const RowFacts& root, TraceSummary& trace) {
  trace.project = root.project;
  if (root.parent_span_id == 0) trace.root_span_id = SpanIdFromNumber(root.span_id);
  trace.name = root.name;
  trace.title = root.title;
  trace.kind = root.kind;
  trace.service_name = root.service_name;
  trace.root_status = root.status;
  trace.input_preview = root.input_preview;
  trace.output_preview = root.output_preview;
}

// The statement of TraceList::Summarize in C++; tests/test_trace_summary.py holds them against each other.
// REQUIRES: !rows.empty(), ascending starts
TraceSummary Summarize(const std::vector<RowFacts>& rows, const TraceId& trace_id, RepeatedCalls repeats) {
  TraceSummary trace;
  trace.trace_id = trace_id;
  Describe(*std::ranges::min_element(
               rows, {},
               [](const RowFacts& row) { return std::tuple(row.parent_span_id != 0, row.start_unix_ns, row.span_id); }),
           trace);
  trace.start_unix_ns = rows.front().start_unix_ns;
  trace.span_count = rows.size();
  std::set<std::string_view> models;
  const auto end_of = [](const RowFacts& row) {
    return static_cast<std::int64_t>(row.start_unix_ns + static_cast<std::uint64_t>(row.duration_ns));
  };
  trace.end_unix_ns = static_cast<UnixNanos>(end_of(*std::ranges::max_element(rows, {}, end_of)));
  for (const RowFacts& row : rows) {
    if (trace.session_id.empty()) trace.session_id = row.session_id;
    if (trace.user_id.empty()) trace.user_id = row.user_id;
    if (static_cast<model::StatusCode>(row.status) == model::StatusCode::kError) ++trace.error_count;
    if (!row.model.empty()) models.insert(row.model);
    if (row.is_call() && !repeats.contains({trace_id, SpanIdFromNumber(row.span_id)})) AddCall(row, trace);
  }
  trace.models.assign(models.begin(), models.end());
  trace.repeats = std::move(repeats);
  return trace;
}

// The spans of these rows, in their order.
model::SpanBatch SpansOf(const std::vector<RowFacts>& rows, model::SpanBatch all) {
  std::vector<model::Span> spans;
  spans.reserve(rows.size());
  for (const RowFacts& row : rows) spans.push_back(std::move(all.spans[row.number]));
  all.spans = std::move(spans);
  return all;
}

}  // namespace

Result<std::optional<WholeTrace>> ReadWholeTrace(ClickHouse& clickhouse, const std::optional<std::string>& project,
                                                 const TraceId& trace_id, QueryOptions options) {
  options.result_bytes_max = kPageBytesMax;
  const std::string sql = fmt::format(
      "SELECT {}, {} FROM nightjar.spans WHERE trace_id = toFixedString(unhex({{trace:String}}), 16) {} LIMIT {}",
      kSpanColumns, kFactColumns, project ? "AND project = {project:String}" : "", kPageSpansMax + 1);
  std::vector<QueryParam> params = {{"trace", trace_id.ToHex()}};
  if (project) params.push_back({"project", *project});
  const Result<std::string> bytes = clickhouse.Select(sql, params, options);
  const auto too_large = [](const Result<std::string>& answer) {
    return !answer && answer.error().code == ErrorCode::kResourceExhausted;
  };
  if (too_large(bytes)) return std::optional<WholeTrace>();
  if (!bytes) return Fail(bytes.error());
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(*bytes));
  std::vector<RowFacts> rows;
  for (const NativeBlock& block : blocks) ReadFacts(block, rows);
  if (rows.size() > kPageSpansMax) return std::optional<WholeTrace>();

  WholeTrace trace;
  trace.index = {.project = project.value_or(""), .trace_id = trace_id, .seq_max = 0, .spans = {}};
  if (rows.empty()) return std::optional(std::move(trace));
  const Result<std::string> bodies = SelectBodies(clickhouse, blocks, options);
  if (too_large(bodies)) return std::optional<WholeTrace>();
  if (!bodies) return Fail(bodies.error());
  ASSIGN_OR_RETURN(model::SpanBatch batch, DecodeSpans(blocks, *bodies));

  rows = NewestCopies(std::move(rows));
  trace.batch = SpansOf(rows, std::move(batch));
  trace.index.project = rows.front().project;
  std::vector<CallFacts> calls;
  for (const RowFacts& row : rows) {
    trace.index.spans.push_back({row.start_unix_ns, row.duration_ns, row.span_id});
    trace.index.seq_max = std::max(trace.index.seq_max, row.seq);
    if (row.is_call()) calls.push_back(ToCall(row, trace_id));
  }
  ASSIGN_OR_RETURN(RepeatedCalls repeats, ReadRepeatsOf(clickhouse, trace.index.project, std::move(calls), options));
  trace.summary = Summarize(rows, trace_id, std::move(repeats));
  return std::optional(std::move(trace));
}

}  // namespace nightjar::store
