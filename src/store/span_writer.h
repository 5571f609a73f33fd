// Puts rows into the engine, each insert under a deduplication token of its own, segments before the spans that need
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "store/clickhouse.h"
#include "store/span_row.h"

namespace nightjar::store {

// One owner thread.
class SpanWriter {
 public:
  // `epoch` must never have been used before: tokens are made of it and a counter.
  static Result<SpanWriter> Create(ClickHouse& clickhouse, std::string epoch);

  // Durable and visible once it returns. Asks `keep_trying(error)` after each failed attempt whose outcome is unknown,
  // and sends the same bytes under the same token again while it answers true; so a batch is stored once, or not known
  // to be. REQUIRES: at least one row
  Result<void> Write(std::span<const RowBatch> batches, const std::function<bool(const Error&)>& keep_trying);

 private:
  SpanWriter(ClickHouse& clickhouse, std::string epoch, std::uint64_t last_seq);
  std::string NextToken();

  // Segments written lately, so that a history sent again costs references only. Two generations: bounded, cheap to
  // age.
  class RecentSegments {
   public:
    struct Entry {
      UInt128 scope;
      UInt128 hash;
      std::uint16_t day = 0;
      bool operator==(const Entry&) const = default;
    };
    bool Contains(const Entry& entry) const { return young_.contains(entry) || old_.contains(entry); }
    void Insert(const Entry& entry);

   private:
    static constexpr std::size_t kGenerationMax = 500'000;
    struct Hash {
      std::size_t operator()(const Entry& entry) const {
        return entry.hash.low ^ (entry.scope.low * 0x9E3779B97F4A7C15u) ^ entry.day;
      }
    };
    std::unordered_set<Entry, Hash> young_, old_;
  };

  ClickHouse* clickhouse_;
  std::string epoch_;
  std::uint64_t last_seq_;
  std::uint64_t inserts_ = 0;
  RecentSegments recent_;
};

}  // namespace nightjar::store
