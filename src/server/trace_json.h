// Stored traces as the API's JSON text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/span.h"
#include "pricing/price_book.h"
#include "server/agent_instructions.h"
#include "store/annotations.h"
#include "store/log_reader.h"
#include "store/repeated_calls.h"
#include "store/span_reader.h"
#include "store/trace_list.h"

namespace nightjar::server {

// "OK", "ERROR" or "UNSET", of OTLP's number.
std::string_view StatusWord(std::int32_t status);

json::object ToJsonValue(const store::TraceSummary& trace);
json::object ToJsonValue(const model::LogBatch& batch, const model::LogRecord& record);

// What other records say of the spans of a trace.
struct BesideSpans {
  const model::LogBatch& logs;
  const std::vector<store::Annotation>& annotations;  // in the order of their span ids
  const store::RepeatedCalls& repeats;
  const AgentInstructions& instructions;
};

// Whether the span tells of a provider's call, which another span may tell too: store/repeated_calls.h.
bool IsCall(const model::SpanBatch& batch, const model::Span& span, const model::LogBatch& logs);

// One whole span with its log records, which are in the order of their span ids, understood by the newest rules and
// priced by the newest prices.
json::object SpanJson(const model::SpanBatch& batch, const model::Span& span, const model::LogBatch& logs,
                      const AgentInstructions& instructions, const pricing::PriceBook& prices);

constexpr std::size_t kWholeTexts = ~std::size_t{0};

// The same with its annotations, as text. With another `text_bytes_max` its texts are cut: server/cut_texts.h.
std::string SpanText(const model::SpanBatch& batch, const model::Span& span, const BesideSpans& beside,
                     const pricing::PriceBook& prices, std::size_t text_bytes_max = kWholeTexts);

// What is said of the trace beside its spans; its `logs` and `annotations` are those of none of them.
json::object TraceHead(const store::TraceSummary& trace, const store::TraceIndex& index, const store::TraceLogs& logs,
                       const std::vector<store::Annotation>& annotations);

}  // namespace nightjar::server
