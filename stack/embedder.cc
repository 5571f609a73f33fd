#include "stack/embedder.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "nightjar/llm.h"
#include "stack/ranking.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::size_t kErrorBytesMax = 300;

// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

void Normalise(Vector& vector) {
  const float square = std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0F);
  if (square == 0.0F) return;
  for (float& value : vector) value /= std::sqrt(square);
}

// {"data": [{"index": 0, "embedding": [0.1, …]}, …]} to the vectors by index.
std::vector<Vector> ReadEmbeddings(const std::string& text, std::size_t count) try {
  std::vector<Vector> vectors(count);
  const json::value answer = json::parse(text);
  for (const json::value& item : answer.at("data").as_array()) {
    Vector& vector = vectors.at(item.at("index").to_number<std::size_t>());
    for (const json::value& value : item.at("embedding").as_array()) vector.push_back(value.to_number<float>());
    Normalise(vector);
  }
  if (std::ranges::any_of(vectors, &Vector::empty)) throw std::out_of_range("a text has no embedding");
  return vectors;
} catch (const std::exception& error) {
  throw LlmError(LlmError::Kind::kMalformed, "the server answered no embeddings (" + std::string(error.what()) +
                                                 "): " + text.substr(0, kErrorBytesMax));
}

}  // namespace

double Cosine(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); }

Vector HashEmbedder::EmbedOne(std::string_view text) {
  Vector values(kDimensions);
  for (const std::string& word : Words(text)) {
    const std::string marked = "^" + word + "$";
    values[Hash(marked) % kDimensions] += 1.0F;
    for (std::size_t at = 0; at + 3 <= marked.size(); ++at) {
      values[Hash(std::string_view(marked).substr(at, 3)) % kDimensions] += 1.0F;
    }
  }
  Normalise(values);
  return values;
}

std::vector<Vector> HashEmbedder::Embed(const std::vector<std::string>& texts) const {
  std::vector<Vector> vectors;
  for (const std::string& text : texts) vectors.push_back(EmbedOne(text));
  return vectors;
}

RemoteEmbedderConfig RemoteEmbedderConfig::FromEnvironment() {
  return {.server = {.base_url = Environment("EMBEDDING_BASE_URL", ""),
                     .api_key = Environment("EMBEDDING_API_KEY",
                                            Environment("LLM_API_KEY", Environment("OPENAI_API_KEY", "")))},
          .model = Environment("EMBEDDING_MODEL", "text-embedding-3-small")};
}

RemoteEmbedder::RemoteEmbedder(RemoteEmbedderConfig config)
    : server_(std::move(config.server)), model_(std::move(config.model)), batch_texts_max_(config.batch_texts_max) {}

std::vector<Vector> RemoteEmbedder::Embed(const std::vector<std::string>& texts) const {
  std::vector<Vector> vectors;
  for (std::size_t at = 0; at < texts.size(); at += batch_texts_max_) {
    const std::size_t end = std::min(texts.size(), at + batch_texts_max_);
    EmbedBatch({texts.begin() + static_cast<std::ptrdiff_t>(at), texts.begin() + static_cast<std::ptrdiff_t>(end)},
               vectors);
  }
  return vectors;
}

void RemoteEmbedder::EmbedBatch(const std::vector<std::string>& texts, std::vector<Vector>& vectors) const {
  nightjar::Span span = nightjar::EmbeddingSpan(model_, texts);
  nightjar::Traced(span, [&] {
    const json::object request{{"model", model_}, {"input", json::value_from(texts)}, {"encoding_format", "float"}};
    const std::string answer = server_.Post({.path = "/embeddings", .body = json::serialize(request)}, span);
    for (Vector& vector : ReadEmbeddings(answer, texts.size())) vectors.push_back(std::move(vector));
    if (vectors.back().size() != vectors.front().size()) {
      throw LlmError(LlmError::Kind::kMalformed, "the server's embeddings differ in their number of dimensions");
    }
  });
}

}  // namespace stack
