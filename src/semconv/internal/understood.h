// Messages and documents as the JSON that is stored of them where the engine's views cannot read the span's own form:
// docs/formats/span_table.md.
#pragma once

#include <string>
#include <vector>

#include "model/llm_view.h"

namespace nightjar::semconv::internal {

struct Understood {
  std::vector<model::Message> input, output;
  std::vector<model::Document> retrieval, reranker_input, reranker_output;
};

// "" for none of them. Of messages only roles, texts and the names of tools that are called.
std::string ToText(const Understood& understood);

}  // namespace nightjar::semconv::internal
