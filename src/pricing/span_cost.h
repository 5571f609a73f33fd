// What a span's call cost.
#pragma once

#include <optional>

#include "model/llm_view.h"
#include "model/span.h"
#include "model/span_summary.h"
#include "pricing/price_book.h"

namespace nightjar::pricing {

// Calls of providers are the spans of kind LLM, EMBEDDING and RERANKER; what others tell of tokens repeats them.
// Absent: no such call, or one without tokens.
std::optional<Priced> PriceOfSpan(const PriceBook& prices, const model::Span& span, const model::LlmView& view);

// Fills in `cost` and `prices_version`.
void AddCost(const PriceBook& prices, const model::Span& span, model::SpanSummary& summary);

}  // namespace nightjar::pricing
