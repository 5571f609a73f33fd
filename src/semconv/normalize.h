// Reads the meaning out of a span: which kind it is, what the model was shown and returned, tokens, documents, tools.
// Pure: the same span gives the same view, and a view never changes what is stored.
#pragma once

#include "model/llm_view.h"
#include "model/span.h"

namespace nightjar::semconv {

// Rises whenever a rule changes, so that stored columns made by older rules can be found and re-made.
constexpr std::uint32_t kRulesVersion = 1;

// Never fails: what cannot be understood stays visible in the raw attributes and is absent from the view.
model::LlmView Normalize(const model::Span& span, const model::Resource& resource, const model::Scope& scope);

}  // namespace nightjar::semconv
