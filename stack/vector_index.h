// The nearest of many vectors: a graph searched greedily (HNSW: Malkov and Yashunin 2016; hnswlib).
#pragma once

#include <memory>
#include <vector>

#include "stack/embedder.h"
#include "stack/ranking.h"

namespace stack {

// Approximate; exact for fewer than 100 vectors. The same vectors give the same answers. Thread-safe once built.
class VectorIndex {
 public:
  // REQUIRES: unit vectors with the same number of dimensions.
  explicit VectorIndex(const std::vector<Vector>& vectors);
  ~VectorIndex();
  VectorIndex(const VectorIndex&) = delete;
  VectorIndex& operator=(const VectorIndex&) = delete;

  // At most `limit` vectors, scored by their cosine. Throws std::invalid_argument when `wanted` has another number of
  // dimensions.
  [[nodiscard]] Ranking Search(const Vector& wanted, std::size_t limit) const;

 private:
  struct Graph;
  const std::unique_ptr<Graph> graph_;  // null when there are no vectors
};

}  // namespace stack
