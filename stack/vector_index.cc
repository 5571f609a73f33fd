#include "stack/vector_index.h"

#include <algorithm>
#include <stdexcept>
#include <string>

// hnswlib's hand-written vector code reads past its lists, which sanitizers refuse; the compiler's is fast enough.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

namespace stack {
namespace {

constexpr std::size_t kNeighbours = 16;        // of a vector in the graph; hnswlib's own default
constexpr std::size_t kBuildCandidates = 200;  // looked at when one is added; hnswlib's own default
constexpr std::size_t kSearchCandidates = 100;

}  // namespace

struct VectorIndex::Graph {
  Graph(std::size_t vectors, std::size_t size)
      : dimensions(size), space(size), index(&space, vectors, kNeighbours, kBuildCandidates) {}
  const std::size_t dimensions;
  hnswlib::InnerProductSpace space;
  hnswlib::HierarchicalNSW<float> index;
};

VectorIndex::VectorIndex(const std::vector<Vector>& vectors)
    : graph_(vectors.empty() ? nullptr : std::make_unique<Graph>(vectors.size(), vectors.front().size())) {
  for (std::size_t i = 0; i < vectors.size(); ++i) graph_->index.addPoint(vectors[i].data(), i);
  if (graph_) graph_->index.setEf(kSearchCandidates);
}

VectorIndex::~VectorIndex() = default;

Ranking VectorIndex::Search(const Vector& wanted, std::size_t limit) const {
  if (!graph_ || limit == 0) return {};
  if (wanted.size() != graph_->dimensions) {
    throw std::invalid_argument("a vector of " + std::to_string(wanted.size()) +
                                " dimensions, searched among those of " + std::to_string(graph_->dimensions));
  }
  auto nearest = graph_->index.searchKnn(wanted.data(), limit);
  Ranking ranking;
  for (; !nearest.empty(); nearest.pop()) ranking.push_back({nearest.top().second, 1.0 - nearest.top().first});
  std::ranges::sort(ranking, [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  });
  return ranking;
}

}  // namespace stack
