// Puts rows into the engine, each insert under a deduplication token of its own, segments before the spans that need
// them.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/clickhouse.h"
#include "store/span_row.h"

namespace nightjar::store {

// One owner thread.
class SpanWriter {
 public:
  static Result<SpanWriter> Create(ClickHouse& clickhouse);

  // The first of `count` sequence numbers that no row has.
  std::uint64_t NextSeq(std::size_t count);
  // Numbers below `end` are taken, by rows that may not be in the table yet.
  void SkipSeq(std::uint64_t end);
  // Segments may have been erased: none is taken to be stored any more.
  void ForgetRecentSegments() { recent_ = {}; }

  // Durable and visible once it returns. The same batches under the same token are stored once, however often they are
  // written. Asks `keep_trying(error)` after each attempt that failed for a reason that may pass (the engine is down,
  // full, slow), and tries again while it answers true. kInvalidArgument: the engine refuses something in it, now and
  // ever. Other codes: not known to be stored. REQUIRES: at least one row; the numbers from first_seq on are the rows'
  // own
  Result<void> Write(std::span<const RowBatch> batches, std::string_view token, std::uint64_t first_seq,
                     const std::function<bool(const Error&)>& keep_trying);

 private:
  SpanWriter(ClickHouse& clickhouse, std::uint64_t last_seq) : clickhouse_(&clickhouse), last_seq_(last_seq) {}

  // Segments written lately, so that a history sent again costs references only. Two generations: bounded, cheap to
  // age.
  class RecentSegments {
   public:
    // False when it is there already.
    bool Insert(const Segment& segment);

   private:
    static constexpr std::size_t kGenerationMax = 500'000;
    struct Hash {
      std::size_t operator()(const UInt128& key) const { return key.low; }
    };
    boost::unordered_flat_set<UInt128, Hash> young_, old_;
  };

  class ForgetUnlessStored;

  ClickHouse* clickhouse_;
  std::uint64_t last_seq_;
  RecentSegments recent_;
};

}  // namespace nightjar::store
