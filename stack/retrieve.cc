#include "stack/retrieve.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace stack {
namespace {

constexpr double kCoverageWeight = 0.6;

std::vector<std::string> Texts(const std::vector<Chunk>& chunks) {
  std::vector<std::string> texts;
  for (const Chunk& chunk : chunks) texts.push_back(chunk.text);
  return texts;
}

}  // namespace

HybridRetriever::HybridRetriever(std::vector<Chunk> chunks)
    : chunks_(std::move(chunks)), bm25_(Texts(chunks_)), dense_(Texts(chunks_)) {}

std::vector<nightjar::RetrievedDocument> HybridRetriever::Retrieve(std::string_view query,
                                                                   const RetrievalConfig& config) const {
  nightjar::Span span = nightjar::RetrievalSpan(query, static_cast<std::int64_t>(config.n_after_rerank));
  return nightjar::Traced(span, [&] {
    const Ranking fused =
        ReciprocalRankFusion({bm25_.Search(query, config.n_bm25), dense_.Search(query, config.n_dense)});
    const std::vector<std::string> query_words = Words(query);
    const Embedding query_embedding(query);
    std::vector<nightjar::RetrievedDocument> documents;
    for (const Scored& candidate : fused) {
      const Chunk& chunk = chunks_[candidate.index];
      documents.push_back(
          {.id = chunk.id, .score = RerankScore(query_words, query_embedding, chunk), .text = chunk.text});
    }
    std::ranges::stable_sort(documents, std::ranges::greater(), &nightjar::RetrievedDocument::score);
    if (documents.size() > config.n_after_rerank) documents.resize(config.n_after_rerank);
    nightjar::RecordRetrievalOutput(span, documents);
    return documents;
  });
}

double HybridRetriever::RerankScore(const std::vector<std::string>& query_words, const Embedding& query,
                                    const Chunk& chunk) const {
  const std::vector<std::string> words = Words(chunk.text);
  const std::set<std::string> present(words.begin(), words.end());
  double covered = 0.0;
  double total = 0.0;
  for (const std::string& word : std::set<std::string>(query_words.begin(), query_words.end())) {
    const double weight = bm25_.InverseDocumentFrequency(word);
    total += weight;
    if (present.contains(word)) covered += weight;
  }
  const double coverage = total == 0.0 ? 0.0 : covered / total;
  const double score = kCoverageWeight * coverage + (1.0 - kCoverageWeight) * query.Cosine(Embedding(chunk.text));
  return std::round(score * 10'000.0) / 10'000.0;  // readable in a trace
}

const Chunk* HybridRetriever::Find(std::string_view id) const {
  const auto found = std::ranges::find(chunks_, id, &Chunk::id);
  return found == chunks_.end() ? nullptr : &*found;
}

}  // namespace stack
