// Texts as vectors: similar texts are near each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stack/model_server.h"

namespace stack {

using Vector = std::vector<float>;

// Of two unit vectors. REQUIRES: the same number of dimensions.
[[nodiscard]] double Cosine(const Vector& a, const Vector& b);

// Thread-safe.
class Embedder {
 public:
  Embedder() = default;
  Embedder(const Embedder&) = delete;
  Embedder& operator=(const Embedder&) = delete;
  virtual ~Embedder() = default;
  // One unit vector for each text, in their order, all with the same number of dimensions.
  [[nodiscard]] virtual std::vector<Vector> Embed(const std::vector<std::string>& texts) const = 0;
};

// Each word's 3-grams, with a mark at both ends, and the word itself, hashed to kDimensions buckets: similar spellings
// are near, offline and the same on every machine. A text without words is the zero vector, near to nothing.
class HashEmbedder final : public Embedder {
 public:
  static constexpr std::size_t kDimensions = 512;
  [[nodiscard]] std::vector<Vector> Embed(const std::vector<std::string>& texts) const override;
  [[nodiscard]] static Vector EmbedOne(std::string_view text);
};

struct RemoteEmbedderConfig {
  ModelServerConfig server;
  std::string model;
  std::size_t batch_texts_max = 64;  // in one request

  // EMBEDDING_BASE_URL, EMBEDDING_MODEL, EMBEDDING_API_KEY (else LLM_API_KEY, else OPENAI_API_KEY).
  static RemoteEmbedderConfig FromEnvironment();
};

// OpenAI-compatible: POST /embeddings. Each request is a span "CreateEmbeddings". Throws LlmError.
class RemoteEmbedder final : public Embedder {
 public:
  explicit RemoteEmbedder(RemoteEmbedderConfig config);
  [[nodiscard]] std::vector<Vector> Embed(const std::vector<std::string>& texts) const override;

 private:
  void EmbedBatch(const std::vector<std::string>& texts, std::vector<Vector>& vectors) const;

  const ModelServer server_;
  const std::string model_;
  const std::size_t batch_texts_max_;
};

}  // namespace stack
