// The batch that grows while a request is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "otlp/decode_logs.h"
#include "otlp/decode_metrics.h"
#include "otlp/decode_traces.h"
#include "otlp/internal/rules.h"

namespace nightjar::otlp::internal {

// What a signal counts, and how many of those were rejected.
inline auto& Items(DecodedTraces& decoded) { return decoded.batch.spans; }
inline auto& Items(DecodedLogs& decoded) { return decoded.batch.records; }
inline auto& Items(DecodedMetrics& decoded) { return decoded.batch.points; }
inline std::uint64_t& RejectedItems(DecodedTraces& decoded) { return decoded.rejected_spans; }
inline std::uint64_t& RejectedItems(DecodedLogs& decoded) { return decoded.rejected_records; }
inline std::uint64_t& RejectedItems(DecodedMetrics& decoded) { return decoded.rejected_points; }

// Where an item comes from: indices into the batch.
struct Origin {
  std::uint32_t resource = 0;
  std::uint32_t scope = 0;
};

template <typename Decoded>
class Batch {
 public:
  // A place in the batch: how many items were taken and rejected before it.
  struct Place {
    std::size_t taken;
    std::uint64_t rejected;
  };

  Counters& counters() { return counters_; }

  // Each adds an empty one and returns its index.
  std::uint32_t AddResource() { return Append(decoded_.batch.resources, 1); }
  std::uint32_t AddScope() { return Append(decoded_.batch.scopes, 1); }
  std::uint32_t AddMetric() { return Append(decoded_.batch.metrics, kValuesOfItem); }
  model::Resource& resource(std::uint32_t index) { return decoded_.batch.resources[index]; }
  model::Scope& scope(std::uint32_t index) { return decoded_.batch.scopes[index]; }
  model::Metric& metric(std::uint32_t index) { return decoded_.batch.metrics[index]; }

  // Adds the item that `read(item)` fills, or counts it as rejected.
  template <typename Read>
  void AddItem(Read read) {
    auto& items = Items(decoded_);
    counters_.CountValues(kValuesOfItem);
    auto& item = items.emplace_back();
    std::string reason;
    Attempt(reason, [&] { read(item); });
    if (reason.empty()) return;
    items.pop_back();
    Reject(1, std::move(reason));
  }

  [[nodiscard]] Place here() { return {Items(decoded_).size(), RejectedItems(decoded_)}; }

  // Rejects the items taken since `place`, if `reason` is not empty.
  void RejectSince(Place place, std::string reason) {
    const std::size_t items = Items(decoded_).size() - place.taken;
    if (reason.empty() || items == 0) return;
    Items(decoded_).resize(place.taken);
    Reject(items, std::move(reason));
  }

  // As if nothing had come since `place`.
  void ForgetSince(Place place) {
    Items(decoded_).resize(place.taken);
    RejectedItems(decoded_) = place.rejected;
    if (place.rejected == 0) decoded_.first_reason.clear();
  }

  Decoded Take() {
    decoded_.mended_strings = counters_.mended_strings;
    return std::move(decoded_);
  }

 private:
  template <typename List>
  std::uint32_t Append(List& list, std::size_t values) {
    counters_.CountValues(values);
    list.emplace_back();
    return static_cast<std::uint32_t>(list.size() - 1);
  }

  void Reject(std::uint64_t items, std::string reason) {
    if (RejectedItems(decoded_) == 0) decoded_.first_reason = std::move(reason);
    RejectedItems(decoded_) += items;
  }

  Decoded decoded_;
  Counters counters_;
};

}  // namespace nightjar::otlp::internal
