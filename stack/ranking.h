// Rankings of chunks: BM25 over words, and the fusion of several rankings. Deterministic.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace stack {

struct Scored {
  std::size_t index = 0;  // of the chunk
  double score = 0.0;
};
using Ranking = std::vector<Scored>;  // best first; equal scores in the order of the chunks

// Lower-case words of letters and digits; everything else separates.
std::vector<std::string> Words(std::string_view text);

// Okapi BM25 with k1 = 1.2 and b = 0.75; idf = ln(1 + (N - n + 0.5) / (n + 0.5)).
class Bm25 {
 public:
  explicit Bm25(const std::vector<std::string>& texts);
  // At most `limit` chunks that have a word of the query.
  [[nodiscard]] Ranking Search(std::string_view query, std::size_t limit) const;
  // 0 for a word no chunk has.
  [[nodiscard]] double InverseDocumentFrequency(const std::string& word) const;

 private:
  struct Posting {
    std::size_t index;
    std::size_t count;
  };
  std::unordered_map<std::string, std::vector<Posting>> postings_;
  std::vector<std::size_t> lengths_;  // in words
  double average_length_ = 0.0;
};

// score = sum over the rankings of 1 / (60 + rank), rank from 1 (Cormack, Clarke, Büttcher 2009).
Ranking ReciprocalRankFusion(const std::vector<Ranking>& rankings);

}  // namespace stack
