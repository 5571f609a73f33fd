#include "semconv/internal/retrieval.h"

#include <boost/json/array.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"

namespace nightjar::semconv::internal {

using model::ObservationKind;

std::optional<model::Retrieval> ReadRetrieval(Facts& facts) {
  if (facts.kind() != ObservationKind::kRetriever && !facts.Has(Field::kDocuments)) return std::nullopt;
  return model::Retrieval{facts.Text(Field::kQuery), ReadDocuments(facts[Field::kDocuments])};
}

std::optional<model::Reranker> ReadReranker(Facts& facts) {
  const bool is_reranker = facts.kind() == ObservationKind::kReranker;
  model::Reranker reranker;
  reranker.query = facts.Text(Field::kRerankerQuery);
  reranker.model = facts.Text(Field::kRerankerModel);
  if (reranker.model.empty() && is_reranker) reranker.model = facts.Text(Field::kRequestModel);
  if (const auto top_k = facts.Count(Field::kRerankerTopK)) reranker.top_k = static_cast<std::int64_t>(*top_k);
  reranker.input_documents = ReadDocuments(facts[Field::kRerankerInput]);
  reranker.output_documents = ReadDocuments(facts[Field::kRerankerOutput]);
  if (!is_reranker && reranker == model::Reranker()) return std::nullopt;
  return reranker;
}

std::optional<model::Embedding> ReadEmbedding(Facts& facts) {
  model::Embedding embedding;
  embedding.model = facts.Text(Field::kEmbeddingModel);
  const json::value& items = facts.Parsed(Field::kEmbeddings);
  if (const json::array* list = items.if_array())
    for (const json::value& item : *list) {
      const json::value& text = item.is_string() ? item : Member(Unwrap(item, "embedding"), "text");
      if (!text.is_null()) embedding.texts.push_back(Text(text));
    }
  if (facts.kind() != ObservationKind::kEmbedding && embedding == model::Embedding()) return std::nullopt;
  return embedding;
}

}  // namespace nightjar::semconv::internal
