#include "server/trace_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <span>
#include <utility>

#include "base/json.h"
#include "model/log_json.h"
#include "model/span_json.h"
#include "pricing/span_cost.h"
#include "semconv/normalize.h"
#include "server/annotation_json.h"
#include "server/cut_texts.h"
#include "store/id_columns.h"

namespace nightjar::server {
namespace {

json::value TokensOf(const store::TraceSummary& trace) {
  if (!trace.prompt_tokens && !trace.completion_tokens && !trace.total_tokens) return nullptr;
  return {{"prompt", NumberOrNull(trace.prompt_tokens)},
          {"completion", NumberOrNull(trace.completion_tokens)},
          {"total", NumberOrNull(trace.total_tokens)},
          {"estimated", trace.estimated}};
}

// `logs` are in the order of their span ids.
std::span<const model::LogRecord> RecordsOf(const SpanId& id, const model::LogBatch& logs) {
  return std::ranges::equal_range(logs.records, id, {}, &model::LogRecord::span_id);
}

// Its figures are those of another span: they stand where no sum over spans takes them for a call of their own.
void MarkRepeated(const TraceId& trace_id, const store::SpanAddress& teller, json::object& span) {
  span["notes"].get_array().push_back(
      json::value(teller.trace_id == trace_id ? fmt::format("tells the call of span {} again", teller.span_id.ToHex())
                                              : fmt::format("tells the call of span {} of trace {} again",
                                                            teller.span_id.ToHex(), teller.trace_id.ToHex())));
  span["repeats"] = {{"trace_id", teller.trace_id.ToHex()},
                     {"span_id", teller.span_id.ToHex()},
                     {"tokens", std::exchange(span["tokens"], nullptr)},
                     {"cost", std::exchange(span["cost"], nullptr)}};
}

}  // namespace

std::string_view StatusWord(std::int32_t status) {
  switch (static_cast<model::StatusCode>(status)) {
    case model::StatusCode::kOk: return "OK";
    case model::StatusCode::kError: return "ERROR";
    default: return "UNSET";
  }
}

json::object ToJsonValue(const model::LogBatch& batch, const model::LogRecord& record) {
  return model::ToLogJson(record, batch.resource_of(record), batch.scope_of(record));
}

json::object ToJsonValue(const store::TraceSummary& trace) {
  json::object out;
  out["trace_id"] = trace.trace_id.ToHex();
  out["project"] = trace.project;
  out["root_span_id"] = trace.root_span_id ? json::value(trace.root_span_id->ToHex()) : json::value();
  out["name"] = trace.name;
  out["title"] = TextOrNull(trace.title);
  out["kind"] = trace.kind;
  out["status"] = StatusWord(trace.root_status);
  out["service_name"] = TextOrNull(trace.service_name);
  out["session_id"] = TextOrNull(trace.session_id);
  out["user_id"] = TextOrNull(trace.user_id);
  out["start_unix_ns"] = std::to_string(trace.start_unix_ns);
  out["end_unix_ns"] = std::to_string(trace.end_unix_ns);
  out["duration_ns"] = static_cast<std::int64_t>(trace.end_unix_ns - trace.start_unix_ns);
  out["span_count"] = trace.span_count;
  out["error_count"] = trace.error_count;
  out["tokens"] = TokensOf(trace);
  out["cost"] = trace.cost_usd ? json::value{{"total_usd", *trace.cost_usd}} : json::value();
  out["unpriced_calls"] = trace.unpriced_calls;
  out["models"] = json::array(trace.models.begin(), trace.models.end());
  out["input_preview"] = TextOrNull(trace.input_preview);
  out["output_preview"] = TextOrNull(trace.output_preview);
  return out;
}

bool IsCall(const model::SpanBatch& batch, const model::Span& span, const model::LogBatch& logs) {
  using enum model::ObservationKind;
  const model::ObservationKind kind =
      semconv::Normalize(span, batch.resource_of(span), batch.scope_of(span), RecordsOf(span.span_id, logs)).kind;
  return kind == kLlm || kind == kEmbedding || kind == kReranker;
}

json::object SpanJson(const model::SpanBatch& batch, const model::Span& span, const model::LogBatch& logs,
                      const AgentInstructions& instructions, const pricing::PriceBook& prices) {
  const model::Resource& resource = batch.resource_of(span);
  const model::Scope& scope = batch.scope_of(span);
  const std::span<const model::LogRecord> records = RecordsOf(span.span_id, logs);
  model::LlmView view = semconv::Normalize(span, resource, scope, records);
  instructions.Join(span, view);
  if (std::optional<pricing::Priced> priced = pricing::PriceOfSpan(prices, span, view)) {
    view.computed_cost = std::move(priced->cost);
    view.unpriced = std::move(priced->unpriced);
  }
  json::object out = model::ToSpanJson(span, resource, scope, view);
  json::array& list = out["logs"].get_array();
  for (const model::LogRecord& record : records) list.push_back(ToJsonValue(logs, record));
  return out;
}

std::string SpanText(const model::SpanBatch& batch, const model::Span& span, const BesideSpans& beside,
                     const pricing::PriceBook& prices, std::size_t text_bytes_max) {
  json::object out = SpanJson(batch, span, beside.logs, beside.instructions, prices);
  if (text_bytes_max != kWholeTexts) CutTexts(text_bytes_max, out);
  json::array& annotations = out["annotations"].get_array();
  for (const store::Annotation& annotation :
       std::ranges::equal_range(beside.annotations, span.span_id, {}, &store::Annotation::span_id))
    annotations.push_back(ToJsonValue(annotation));
  out["repeats"] = nullptr;
  const auto repeat = beside.repeats.find({span.trace_id, span.span_id});
  if (repeat != beside.repeats.end()) MarkRepeated(span.trace_id, repeat->second, out);
  return ToJson(out);
}

json::object TraceHead(const store::TraceSummary& trace, const store::TraceIndex& index, const store::TraceLogs& logs,
                       const std::vector<store::Annotation>& annotations) {
  std::set<std::uint64_t> spans;
  for (const store::SpanPosition& span : index.spans) spans.insert(span.span_id);
  json::array others;
  for (const model::LogRecord& record : logs.batch.records)
    if (!spans.contains(store::SpanIdNumber(record.span_id))) others.push_back(ToJsonValue(logs.batch, record));
  json::object head = ToJsonValue(trace);
  head["logs"] = std::move(others);
  head["logs_complete"] = logs.complete;
  json::array& judgements = head["annotations"].emplace_array();
  for (const store::Annotation& annotation : annotations)
    if (annotation.target == store::AnnotationTarget::kTrace) judgements.push_back(ToJsonValue(annotation));
  return head;
}

}  // namespace nightjar::server
