#include "store/views.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "store/annotations.h"
#include "store/message_views.h"
#include "store/repeated_calls.h"

namespace nightjar::store {
namespace {

// FINAL: a span that was sent twice counts once. Unknown numbers are NULL.
constexpr std::string_view kSpans = R"(
SELECT
    toString(project) AS project,
    lower(hex(trace_id)) AS trace_id,
    lower(leftPad(hex(span_id), 16, '0')) AS span_id,
    if(parent_span_id = 0, NULL, lower(leftPad(hex(parent_span_id), 16, '0'))) AS parent_span_id,
    toString(name) AS name,
    toString(title) AS title,
    toString(kind) AS kind,
    multiIf(status = 1, 'OK', status = 2, 'ERROR', 'UNSET') AS status,
    status_message,
    start_unix_ns,
    fromUnixTimestamp64Nano(toInt64(start_unix_ns), 'UTC') AS start,
    duration_ns / 1e6 AS duration_ms,
    toString(service_name) AS service_name,
    toString(model) AS model,
    toString(provider) AS provider,
    toString(operation) AS operation,
    toString(agent_name) AS agent_name,
    toString(tool_name) AS tool_name,
    session_id,
    user_id,
    toString(finish_reason) AS finish_reason,
    toString(prompt_name) AS prompt_name,
    toString(prompt_version) AS prompt_version,
    toString(exception_type) AS exception_type,
    exception_message,
    if(bitTest(known, 0), prompt_tokens, NULL) AS prompt_tokens,
    if(bitTest(known, 1), completion_tokens, NULL) AS completion_tokens,
    if(bitTest(known, 2), total_tokens, NULL) AS total_tokens,
    if(bitTest(known, 3), cache_read_tokens, NULL) AS cache_read_tokens,
    if(bitTest(known, 4), cache_write_tokens, NULL) AS cache_write_tokens,
    if(bitTest(known, 5), reasoning_tokens, NULL) AS reasoning_tokens,
    if(bitTest(known, 8), first_token_ns / 1e6, NULL) AS first_token_ms,
    multiIf(bitTest(known, 7), cost_usd, bitTest(known, 6), reported_cost_usd, NULL) AS cost_usd,
    if(bitTest(known, 10), prompt_cost_usd, NULL) AS prompt_cost_usd,
    if(bitTest(known, 11), completion_cost_usd, NULL) AS completion_cost_usd,
    if(bitTest(known, 7), cache_savings_usd, NULL) AS cache_savings_usd,
    toString(price) AS price,
    input_preview,
    output_preview,
    toString(dialect) AS dialect,
    if(tags = '', [], splitByChar('\n', tags)) AS tags,
    metadata,
    CAST(attrs_str, 'Map(String, String)') AS attributes,
    CAST(attrs_int, 'Map(String, Int64)') AS int_attributes,
    CAST(attrs_num, 'Map(String, Float64)') AS float_attributes,
    JSONExtractRaw(toString(resource), 'attributes') AS resource,
    JSONExtractString(toString(scope), 'name') AS scope_name
FROM (SELECT * FROM nightjar.spans FINAL WHERE {}))";

// A call that two spans tell is one row. The names of the ids are those of the view `spans`, as text.
std::string CallsSql() {
  return fmt::format(
      "SELECT * FROM default.spans WHERE {} AND (project, trace_id, span_id) NOT IN (SELECT toString(project), "
      "lower(hex(trace_id)), lower(leftPad(hex(span_id), 16, '0')) FROM ({}))",
      kIsCall, RepeatsOfEachProject());
}

constexpr const char* kToolCalls = R"(
SELECT project, trace_id, span_id, parent_span_id, tool_name, status, status_message, exception_type, start_unix_ns, start,
    duration_ms, service_name, input_preview AS arguments_preview, output_preview AS result_preview
FROM default.spans WHERE kind = 'TOOL')";

// Tokens and cost are summed over provider calls: agents and chains repeat those of their children.
constexpr std::string_view kTraces = R"(
SELECT
    toString(project) AS project,
    lower(hex(trace)) AS trace_id,
    root_name AS name,
    root_service AS service_name,
    session AS session_id,
    user AS user_id,
    first AS start_unix_ns,
    fromUnixTimestamp64Nano(toInt64(first), 'UTC') AS start,
    (last - toInt64(first)) / 1e6 AS duration_ms,
    spans AS span_count,
    errors AS error_count,
    if(bitTest(calls_know, 0), prompt, NULL) AS prompt_tokens,
    if(bitTest(calls_know, 1), completion, NULL) AS completion_tokens,
    if(bitTest(calls_know, 2), total, NULL) AS total_tokens,
    if(bitAnd(calls_know, 192) != 0, cost, NULL) AS cost_usd,
    models
FROM
(
    SELECT
        project,
        trace_id AS trace,
        toString(argMin(name, (parent_span_id != 0, start_unix_ns))) AS root_name,
        toString(argMin(service_name, (parent_span_id != 0, start_unix_ns))) AS root_service,
        argMax(session_id, (session_id != '', -toInt64(start_unix_ns))) AS session,
        argMax(user_id, (user_id != '', -toInt64(start_unix_ns))) AS user,
        min(start_unix_ns) AS first,
        max(toInt64(start_unix_ns) + duration_ns) AS last,
        count() AS spans,
        countIf(status = 2) AS errors,
        groupBitOrIf(known, is_call) AS calls_know,
        sumIf(prompt_tokens, is_call) AS prompt,
        sumIf(completion_tokens, is_call) AS completion,
        sumIf(total_tokens, is_call) AS total,
        sumIf(if(bitTest(known, 7), cost_usd, reported_cost_usd), is_call) AS cost,
        arraySort(groupUniqArrayIf(toString(model), model != '')) AS models
    FROM (
        SELECT *, {is_call} AND (project, trace_id, span_id) NOT IN ({repeats}) AS is_call FROM nightjar.spans FINAL)
    GROUP BY project, trace_id
))";

constexpr std::string_view kAnnotations = R"(
SELECT
    toString(project) AS project,
    toString(target) AS target,
    if(trace_id = toFixedString('', 16), NULL, lower(hex(trace_id))) AS trace_id,
    if(span_id = 0, NULL, lower(leftPad(hex(span_id), 16, '0'))) AS span_id,
    session_id,
    if(target = 'document', position, NULL) AS document_position,
    toString(name) AS name,
    toString(annotator_kind) AS annotator_kind,
    identifier,
    score,
    label,
    explanation,
    metadata,
    fromUnixTimestamp64Nano(toInt64(created_unix_ns), 'UTC') AS created,
    fromUnixTimestamp64Nano(toInt64(updated_unix_ns), 'UTC') AS updated,
    source
FROM ({}))";

constexpr const char* kLogs = R"(
SELECT
    toString(project) AS project,
    if(trace_id = toFixedString('', 16), NULL, lower(hex(trace_id))) AS trace_id,
    if(span_id = 0, NULL, lower(leftPad(hex(span_id), 16, '0'))) AS span_id,
    at_unix_ns AS time_unix_ns,
    fromUnixTimestamp64Nano(toInt64(at_unix_ns), 'UTC') AS time,
    severity_number,
    toString(severity_text) AS severity_text,
    toString(event_name) AS event_name,
    body,
    attributes,
    JSONExtractRaw(toString(resource), 'attributes') AS resource
FROM nightjar.logs FINAL)";

constexpr const char* kMetrics = R"(
SELECT
    toString(project) AS project,
    toString(name) AS name,
    toString(type) AS type,
    toString(unit) AS unit,
    time_unix_ns,
    fromUnixTimestamp64Nano(toInt64(time_unix_ns), 'UTC') AS time,
    value,
    count,
    sum,
    min,
    max,
    transform(temporality, [1, 2], ['DELTA', 'CUMULATIVE'], '') AS temporality,
    monotonic = 1 AS monotonic,
    bucket_counts,
    explicit_bounds,
    scale,
    zero_count,
    zero_threshold,
    positive_offset,
    positive_counts,
    negative_offset,
    negative_counts,
    quantiles,
    quantile_values,
    arrayMap((at, i, d, t, s, a) -> CAST(
        (at, coalesce(d, toFloat64(i)), if(t = toFixedString('', 16), NULL, lower(hex(t))),
         if(s = 0, NULL, lower(leftPad(hex(s), 16, '0'))), a),
        'Tuple(time_unix_ns UInt64, value Nullable(Float64), trace_id Nullable(String), span_id Nullable(String), attributes String)'),
        exemplar_times, exemplar_ints, exemplar_doubles, exemplar_trace_ids, exemplar_span_ids, exemplar_attributes) AS exemplars,
    toString(attributes) AS attributes,
    JSONExtractRaw(toString(resource), 'attributes') AS resource
FROM nightjar.metric_points FINAL)";

}  // namespace

std::string SpanRowsSql(std::string_view where) { return fmt::format(kSpans, where); }

std::string RowsOfProject(std::string_view project) {
  std::string digits;  // so that no name ends its literal
  for (const char c : project) digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  std::string filters;
  for (const std::string_view table : {"spans", "annotations", "logs", "metric_points"})
    filters += fmt::format("{}'nightjar.{}': 'project = unhex(\\'{}\\')'", filters.empty() ? "{" : ", ", table, digits);
  return filters + '}';
}

Result<void> MakeViews(ClickHouse& clickhouse) {
  const std::string traces =
      fmt::format(kTraces, fmt::arg("is_call", kIsCall), fmt::arg("repeats", RepeatsOfEachProject()));
  const std::string annotations = fmt::format(kAnnotations, AllAnnotationsSql("1"));
  const std::pair<const char*, std::string> views[] = {{"spans", SpanRowsSql("1")},
                                                       {"llm_calls", CallsSql()},
                                                       {"tool_calls", kToolCalls},
                                                       {"traces", traces},
                                                       {"logs", kLogs},
                                                       {"annotations", annotations},
                                                       {"metrics", kMetrics},
                                                       {"messages", MessagesSql()},
                                                       {"documents", DocumentsSql()}};
  RETURN_IF_ERROR(clickhouse.Execute(kBodiesDictionary));
  for (const auto& [name, select] : views)
    RETURN_IF_ERROR(clickhouse.Execute(fmt::format("CREATE OR REPLACE VIEW default.{} AS {}", name, select)));
  return {};
}

}  // namespace nightjar::store
