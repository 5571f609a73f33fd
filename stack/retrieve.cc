#include "stack/retrieve.h"

#include <algorithm>

namespace stack {
namespace {

std::vector<std::string> Texts(const std::vector<Chunk>& chunks) {
  std::vector<std::string> texts;
  for (const Chunk& chunk : chunks) texts.push_back(chunk.text);
  return texts;
}

}  // namespace

RetrieverParts RetrieverParts::FromEnvironment() {
  RetrieverParts parts;
  RemoteEmbedderConfig embedder = RemoteEmbedderConfig::FromEnvironment();
  if (!embedder.server.base_url.empty()) parts.embedder = std::make_unique<RemoteEmbedder>(std::move(embedder));
  RemoteRerankerConfig reranker = RemoteRerankerConfig::FromEnvironment();
  if (!reranker.server.base_url.empty()) parts.reranker = std::make_unique<RemoteReranker>(std::move(reranker));
  return parts;
}

HybridRetriever::HybridRetriever(std::vector<Chunk> chunks, RetrieverParts parts)
    : chunks_(std::move(chunks)),
      bm25_(Texts(chunks_)),
      embedder_(parts.embedder ? std::move(parts.embedder) : std::make_unique<HashEmbedder>()),
      dense_(embedder_->Embed(Texts(chunks_))),
      reranker_(parts.reranker ? std::move(parts.reranker) : std::make_unique<LexicalReranker>(bm25_)) {}

std::vector<nightjar::RetrievedDocument> HybridRetriever::Retrieve(std::string_view query,
                                                                   const RetrievalConfig& config) const {
  nightjar::Span span = nightjar::RetrievalSpan(query, static_cast<std::int64_t>(config.n_after_rerank));
  return nightjar::Traced(span, [&] {
    std::vector<nightjar::RetrievedDocument> documents = Search(query, config);
    nightjar::RecordRetrievalOutput(span, documents);
    return documents;
  });
}

std::vector<nightjar::RetrievedDocument> HybridRetriever::Search(std::string_view query,
                                                                 const RetrievalConfig& config) const {
  const Vector wanted = embedder_->Embed({std::string(query)}).front();
  const Ranking fused =
      ReciprocalRankFusion({bm25_.Search(query, config.n_bm25), dense_.Search(wanted, config.n_dense)});
  std::vector<std::string> texts;
  for (const Scored& candidate : fused) texts.push_back(chunks_[candidate.index].text);
  const std::vector<double> scores = reranker_->Score(query, texts);
  std::vector<nightjar::RetrievedDocument> documents;
  for (std::size_t i = 0; i < fused.size(); ++i) {
    const Chunk& chunk = chunks_[fused[i].index];
    documents.push_back({.id = chunk.id, .score = scores[i], .text = chunk.text});
  }
  std::ranges::stable_sort(documents, std::ranges::greater(), &nightjar::RetrievedDocument::score);
  if (documents.size() > config.n_after_rerank) documents.resize(config.n_after_rerank);
  return documents;
}

const Chunk* HybridRetriever::Find(std::string_view id) const {
  const auto found = std::ranges::find(chunks_, id, &Chunk::id);
  return found == chunks_.end() ? nullptr : &*found;
}

}  // namespace stack
