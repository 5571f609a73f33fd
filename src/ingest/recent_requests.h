// The requests that were acknowledged lately. An exporter whose answer was lost sends the same bytes again; they are on
// disk already, and are acknowledged without being stored a second time. What this forgets, or never knew because of a
// restart, the tables still make one: a later copy of a row replaces the earlier one.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <unordered_set>

#include "ingest/export_request.h"
#include "store/segment.h"

namespace nightjar::ingest {

// Thread-safe.
class RecentRequests {
 public:
  using Clock = std::chrono::steady_clock;
  using Key = store::UInt128;

  // Between one and two generations are remembered: requests, or the time of a generation, whichever is less. Exporters
  // give up after five minutes. Later than that the same bytes may be meant, for instance to bring back what was
  // deleted.
  static constexpr std::size_t kGenerationMax = 50'000;
  static constexpr std::chrono::minutes kGenerationAge{5};

  explicit RecentRequests(const store::SegmentKey& key) : key_(key) {}

  // Of the signal, the encoding, the project and the body; not of the time of arrival.
  [[nodiscard]] Key KeyOf(const ExportRequest& request) const;

  [[nodiscard]] bool Contains(const Key& key, Clock::time_point now);
  // REQUIRES: the request is durable
  void Insert(const Key& key, Clock::time_point now);
  void Clear();

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };

  void Age(Clock::time_point now);

  const store::SegmentKey key_;  // without it nobody can make two requests with one key

  std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_set<Key, Hash> young_, old_;
  Clock::time_point young_since_;
};

}  // namespace nightjar::ingest
