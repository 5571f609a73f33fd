// How many different names arrived in this hour and the one before it: of projects, services, spans and attributes.
// Names are made for few values. A program that puts ids into them makes lists that nobody can read and rows that
// compress badly, so it is told of; nothing is refused, because a row costs the same whatever its names are.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "ingest/export_request.h"

namespace nightjar::ingest {

// About how many different strings were added, within 5 %, in 4 KiB however many they are: a HyperLogLog sketch.
// Thread-safe.
class DistinctCount {
 public:
  void Add(std::string_view text);
  [[nodiscard]] std::uint64_t Estimate() const;
  void Clear();

 private:
  static constexpr int kIndexBits = 12;
  std::array<std::atomic<std::uint8_t>, 1 << kIndexBits> ranks_{};  // most leading zeros seen, plus one
};

struct TooManyNames {
  std::string_view what;  // "service names"
  std::uint64_t count = 0;
  std::uint64_t limit = 0;
};

// Thread-safe.
class NameCounts {
 public:
  void Add(const Telemetry& telemetry, UnixNanos now);

  // What is over its limit, in this hour or the one before.
  [[nodiscard]] std::vector<TooManyNames> OverLimit(UnixNanos now) const;

 private:
  enum Kind { kProjects, kServices, kSpanNames, kAttributeKeys, kKinds };
  struct Hour {
    std::atomic<std::uint64_t> number = 0;  // since 1970
    std::array<DistinctCount, kKinds> counts;
  };

  Hour& HourOf(UnixNanos now);

  std::array<Hour, 2> hours_;  // even and odd ones
  std::mutex turn_;            // of an hour
};

}  // namespace nightjar::ingest
