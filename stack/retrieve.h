// Finds the chunks of a corpus that answer a query.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nightjar/llm.h"
#include "stack/embedder.h"
#include "stack/ranking.h"
#include "stack/reranker.h"
#include "stack/vector_index.h"

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

// What the stages think with. Null: what is built in, which needs no network.
struct RetrieverParts {
  std::unique_ptr<const Embedder> embedder = {};  // HashEmbedder
  std::unique_ptr<const Reranker> reranker = {};  // LexicalReranker

  // RemoteEmbedder where EMBEDDING_BASE_URL is set, RemoteReranker where RERANK_BASE_URL is. Throws LlmError.
  static RetrieverParts FromEnvironment();
};

// Three stages: BM25 beside dense search (embeddings in an HNSW graph), reciprocal rank fusion of both lists, and a
// rerank of the fused list. Thread-safe once built.
class HybridRetriever {
 public:
  // Embeds all chunks. Throws LlmError when an endpoint fails.
  explicit HybridRetriever(std::vector<Chunk> chunks, RetrieverParts parts = {});

  // Traced as a span "retrieval" with the documents it returns, best first. Throws LlmError.
  [[nodiscard]] std::vector<nightjar::RetrievedDocument> Retrieve(std::string_view query,
                                                                  const RetrievalConfig& config = {}) const;

  // Null when there is no such chunk.
  [[nodiscard]] const Chunk* Find(std::string_view id) const;

 private:
  [[nodiscard]] std::vector<nightjar::RetrievedDocument> Search(std::string_view query,
                                                                const RetrievalConfig& config) const;

  const std::vector<Chunk> chunks_;
  const Bm25 bm25_;
  const std::unique_ptr<const Embedder> embedder_;
  const VectorIndex dense_;
  const std::unique_ptr<const Reranker> reranker_;
};

}  // namespace stack
