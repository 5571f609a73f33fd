#include "stack/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace stack {
namespace {

constexpr double kK1 = 1.2;
constexpr double kB = 0.75;
constexpr double kFusionRank = 60.0;

Ranking Best(Ranking scored, std::size_t limit) {
  std::ranges::stable_sort(scored, [](const Scored& a, const Scored& b) { return a.score > b.score; });
  if (scored.size() > limit) scored.resize(limit);
  return scored;
}

Ranking FromScores(const std::map<std::size_t, double>& scores, std::size_t limit) {
  Ranking scored;
  for (const auto& [index, score] : scores) scored.push_back({index, score});
  return Best(std::move(scored), limit);
}

}  // namespace

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter && !inside) words.emplace_back();
    if (letter) words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    inside = letter;
  }
  return words;
}

Bm25::Bm25(const std::vector<std::string>& texts) {
  std::size_t total = 0;
  for (std::size_t index = 0; index < texts.size(); ++index) {
    std::map<std::string, std::size_t> counts;
    const std::vector<std::string> words = Words(texts[index]);
    for (const std::string& word : words) ++counts[word];
    for (const auto& [word, count] : counts) postings_[word].push_back({index, count});
    lengths_.push_back(words.size());
    total += words.size();
  }
  if (!texts.empty()) average_length_ = static_cast<double>(total) / static_cast<double>(texts.size());
}

double Bm25::InverseDocumentFrequency(const std::string& word) const {
  const auto found = postings_.find(word);
  if (found == postings_.end()) return 0.0;
  const auto documents = static_cast<double>(lengths_.size());
  const auto with_word = static_cast<double>(found->second.size());
  return std::log(1.0 + (documents - with_word + 0.5) / (with_word + 0.5));
}

Ranking Bm25::Search(std::string_view query, std::size_t limit) const {
  std::map<std::size_t, double> scores;
  for (const std::string& word : Words(query)) {
    const auto found = postings_.find(word);
    if (found == postings_.end()) continue;
    for (const Posting& posting : found->second) {
      const auto count = static_cast<double>(posting.count);
      const double length = static_cast<double>(lengths_[posting.index]) / average_length_;
      scores[posting.index] +=
          InverseDocumentFrequency(word) * count * (kK1 + 1.0) / (count + kK1 * (1.0 - kB + kB * length));
    }
  }
  return FromScores(scores, limit);
}

Ranking ReciprocalRankFusion(const std::vector<Ranking>& rankings) {
  std::map<std::size_t, double> scores;
  for (const Ranking& ranking : rankings) {
    for (std::size_t rank = 0; rank < ranking.size(); ++rank) {
      scores[ranking[rank].index] += 1.0 / (kFusionRank + 1.0 + static_cast<double>(rank));
    }
  }
  return FromScores(scores, scores.size());
}

}  // namespace stack
