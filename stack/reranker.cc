#include "stack/reranker.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <set>

#include "nightjar/llm.h"
#include "stack/embedder.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr double kCoverageWeight = 0.6;
constexpr std::size_t kErrorBytesMax = 300;

// {"results": [{"index": 2, "relevance_score": 0.9}, …]} to the scores by index.
std::vector<double> ReadScores(const std::string& text, std::size_t count) try {
  std::vector<double> scores(count, std::nan(""));
  const json::value answer = json::parse(text);
  for (const json::value& item : answer.at("results").as_array()) {
    scores.at(item.at("index").to_number<std::size_t>()) = item.at("relevance_score").to_number<double>();
  }
  if (std::ranges::any_of(scores, [](double score) { return std::isnan(score); })) {
    throw std::out_of_range("a text has no score");
  }
  return scores;
} catch (const std::exception& error) {
  throw LlmError(LlmError::Kind::kMalformed, "the server answered no scores (" + std::string(error.what()) +
                                                 "): " + text.substr(0, kErrorBytesMax));
}

std::vector<nightjar::RetrievedDocument> Documents(const std::vector<std::string>& texts) {
  std::vector<nightjar::RetrievedDocument> documents;
  for (const std::string& text : texts) documents.push_back({.text = text});
  return documents;
}

// The texts from best to worst.
void RecordOrder(nightjar::Span& span, const std::vector<std::string>& texts, const std::vector<double>& scores) {
  std::vector<nightjar::RetrievedDocument> documents = Documents(texts);
  for (std::size_t i = 0; i < documents.size(); ++i) documents[i].score = scores[i];
  std::ranges::stable_sort(documents, std::ranges::greater(), &nightjar::RetrievedDocument::score);
  nightjar::RecordRerankerOutput(span, documents);
}

}  // namespace

std::vector<double> LexicalReranker::Score(std::string_view query, const std::vector<std::string>& texts) const {
  const std::vector<std::string> query_words = Words(query);
  const std::set<std::string> wanted(query_words.begin(), query_words.end());
  const Vector query_vector = HashEmbedder::EmbedOne(query);
  std::vector<double> scores;
  for (const std::string& text : texts) {
    const std::vector<std::string> words = Words(text);
    const std::set<std::string> present(words.begin(), words.end());
    double covered = 0.0;
    double total = 0.0;
    for (const std::string& word : wanted) {
      const double weight = words_.InverseDocumentFrequency(word);
      total += weight;
      if (present.contains(word)) covered += weight;
    }
    const double coverage = total == 0.0 ? 0.0 : covered / total;
    const double score =
        kCoverageWeight * coverage + (1.0 - kCoverageWeight) * Cosine(query_vector, HashEmbedder::EmbedOne(text));
    scores.push_back(std::round(score * 10'000.0) / 10'000.0);  // readable in a trace
  }
  return scores;
}

RemoteRerankerConfig RemoteRerankerConfig::FromEnvironment() {
  return {.server = {.base_url = Environment("RERANK_BASE_URL", ""),
                     .api_key = Environment("RERANK_API_KEY", Environment("LLM_API_KEY", ""))},
          .model = Environment("RERANK_MODEL", "bge-reranker-v2-m3")};
}

std::vector<double> RemoteReranker::Score(std::string_view query, const std::vector<std::string>& texts) const {
  if (texts.empty()) return {};
  nightjar::Span span =
      nightjar::RerankerSpan(query, model_, static_cast<std::int64_t>(texts.size()), Documents(texts));
  return nightjar::Traced(span, [&] {
    const json::object request{
        {"model", model_}, {"query", query}, {"documents", json::value_from(texts)}, {"top_n", texts.size()}};
    std::vector<double> scores =
        ReadScores(server_.Post({.path = "/rerank", .body = json::serialize(request)}, span), texts.size());
    RecordOrder(span, texts, scores);
    return scores;
  });
}

}  // namespace stack
