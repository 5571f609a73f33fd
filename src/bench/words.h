// Text that compresses about like prose: a few words are frequent, most are rare. Deterministic by seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace nightjar::bench {

class Words {
 public:
  explicit Words(std::uint64_t seed);

  // Sentences of at least `size` bytes, at most one word more.
  std::string Text(std::size_t size);
  // Evenly distributed below `limit`. REQUIRES: limit > 0
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  // Evenly distributed in [0, 1).
  double Fraction() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

 private:
  std::mt19937_64 random_;
  std::vector<std::string> words_;  // most frequent first
  std::vector<double> cumulative_;  // share of the words up to this one
};

}  // namespace nightjar::bench
