// What was searched, ranked and embedded.
#pragma once

#include <optional>

#include "model/llm_view.h"
#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

// Each is nothing when the span is not of its kind and says nothing of it.
std::optional<model::Retrieval> ReadRetrieval(Facts& facts);
std::optional<model::Reranker> ReadReranker(Facts& facts);
std::optional<model::Embedding> ReadEmbedding(Facts& facts);

}  // namespace nightjar::semconv::internal
