// Token counts out of the facts: what includes what is settled here, once for every dialect.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/llm_view.h"
#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

// Nothing when the span reports none: absent is not 0.
//
// `rule` is the dialect's rule, with " +cache" when the reported prompt turned out to exclude the cached tokens, which
// were then added, and with " +total" when the total is our sum.
std::optional<model::TokenUsage> ReadTokenUsage(Facts& facts);

// Parts that are more than their whole, in words.
std::vector<std::string> ImpossibleCounts(const model::TokenUsage& usage);

}  // namespace nightjar::semconv::internal
