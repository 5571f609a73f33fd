// Reads the meaning out of a span: which kind it is, what the model was shown and returned, tokens, documents, tools.
// Pure: the same span gives the same view, and a view never changes what is stored.
#pragma once

#include <span>

#include "model/llm_view.h"
#include "model/log_record.h"
#include "model/span.h"
#include "model/span_summary.h"

namespace nightjar::semconv {

// Rises whenever a rule changes, so that stored columns made by older rules can be found and re-made.
constexpr std::uint32_t kRulesVersion = 13;

// Never fails: what cannot be understood stays visible in the raw attributes and is absent from the view. `logs` are
// the span's log records in the order in which they happened; they tell what the span itself leaves open.
model::LlmView Normalize(const model::Span& span, const model::Resource& resource, const model::Scope& scope,
                         std::span<const model::LogRecord> logs = {});

// The same rules, for the few fields that are stored beside a span, at a fraction of the price.
model::SpanSummary Summarize(const model::Span& span, const model::Resource& resource, const model::Scope& scope,
                             std::span<const model::LogRecord> logs = {});

// Whether the record may tell something of its span.
bool TellsOfSpan(const model::LogRecord& record);

}  // namespace nightjar::semconv
