// The r-th most frequent word has a share proportional to 1 / (r + 8)^1.12 (Zipf and Mandelbrot), and frequent words
// are short, as in English.
#include "bench/words.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace nightjar::bench {
namespace {

constexpr std::size_t kWordCount = 6000;
constexpr std::size_t kShortWords = 200;  // of one or two syllables; the rest have two to four
constexpr std::array<std::string_view, 40> kSyllables = {
    "a",  "an",  "as", "at", "be", "by", "ca", "de", "en",   "er",   "es",  "for", "ge", "he",
    "in", "is",  "it", "la", "le", "ma", "ne", "no", "of",   "on",   "or",  "pa",  "re", "se",
    "so", "the", "ti", "to", "un", "ve", "we", "al", "tion", "ment", "ing", "pro"};

}  // namespace

Words::Words(std::uint64_t seed) : random_(seed) {
  double sum = 0;
  for (std::size_t rank = 0; rank < kWordCount; ++rank) {
    std::string word;
    const std::uint64_t syllables = rank < kShortWords ? 1 + Below(2) : 2 + Below(3);
    for (std::uint64_t i = 0; i < syllables; ++i) word += kSyllables[Below(kSyllables.size())];
    words_.push_back(std::move(word));
    sum += std::pow(static_cast<double>(rank) + 8, -1.12);
    cumulative_.push_back(sum);
  }
  for (double& share : cumulative_) share /= sum;
}

std::string Words::Text(std::size_t size) {
  std::string text;
  text.reserve(size + 16);
  while (text.size() < size) {
    if (!text.empty()) text += Below(11) == 0 ? ". " : " ";
    const auto place = std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, Fraction());
    text += words_[static_cast<std::size_t>(place - cumulative_.begin())];
  }
  return text;
}

}  // namespace nightjar::bench
