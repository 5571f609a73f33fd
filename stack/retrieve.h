// Finds the chunks of a corpus that answer a query.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nightjar/llm.h"
#include "stack/ranking.h"

namespace stack {

struct Chunk {
  std::string id;
  std::string text;
};

struct RetrievalConfig {
  std::size_t n_bm25 = 8;
  std::size_t n_dense = 8;
  std::size_t n_after_rerank = 3;
};

// Three stages: BM25 and dense search side by side, reciprocal rank fusion of both lists, and a rerank of the fused
// list. The rerank score is between 0 and 1: 0.6 of the share of the query's idf weight that the chunk's words cover,
// and 0.4 of the cosine of query and chunk. Thread-safe once built.
class HybridRetriever {
 public:
  explicit HybridRetriever(std::vector<Chunk> chunks);

  // Traced as a span "retrieval" with the documents it returns, best first.
  [[nodiscard]] std::vector<nightjar::RetrievedDocument> Retrieve(std::string_view query,
                                                                  const RetrievalConfig& config = {}) const;

  // Null when there is no such chunk.
  [[nodiscard]] const Chunk* Find(std::string_view id) const;

 private:
  [[nodiscard]] double RerankScore(const std::vector<std::string>& query_words, const Embedding& query,
                                   const Chunk& chunk) const;

  std::vector<Chunk> chunks_;
  Bm25 bm25_;
  Dense dense_;
};

}  // namespace stack
