// The last stage of a retriever: scores of few texts, each read together with the query.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stack/model_server.h"
#include "stack/ranking.h"

namespace stack {

// Thread-safe.
class Reranker {
 public:
  Reranker() = default;
  Reranker(const Reranker&) = delete;
  Reranker& operator=(const Reranker&) = delete;
  virtual ~Reranker() = default;
  // One score for each text, in their order; higher is better.
  [[nodiscard]] virtual std::vector<double> Score(std::string_view query,
                                                  const std::vector<std::string>& texts) const = 0;
};

// Between 0 and 1: 0.6 of the share of the query's idf weight that the text's words cover, and 0.4 of the cosine of
// both by HashEmbedder.
class LexicalReranker final : public Reranker {
 public:
  // REQUIRES: `words` outlives it.
  explicit LexicalReranker(const Bm25& words) : words_(words) {}
  [[nodiscard]] std::vector<double> Score(std::string_view query, const std::vector<std::string>& texts) const override;

 private:
  const Bm25& words_;
};

struct RemoteRerankerConfig {
  ModelServerConfig server;
  std::string model;

  // RERANK_BASE_URL, RERANK_MODEL, RERANK_API_KEY (else LLM_API_KEY).
  static RemoteRerankerConfig FromEnvironment();
};

// POST /rerank as Cohere, Jina, vLLM and others have it. Each request is a span "rerank". Throws LlmError.
class RemoteReranker final : public Reranker {
 public:
  explicit RemoteReranker(RemoteRerankerConfig config)
      : server_(std::move(config.server)), model_(std::move(config.model)) {}
  [[nodiscard]] std::vector<double> Score(std::string_view query, const std::vector<std::string>& texts) const override;

 private:
  const ModelServer server_;
  const std::string model_;
};

}  // namespace stack
