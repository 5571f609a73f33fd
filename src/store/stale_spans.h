// Spans whose derived columns were made by older rules or prices, in the order of the table, and how far the work of
// deriving them again has come.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/log_record.h"
#include "model/span.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"
#include "store/span_row.h"

namespace nightjar::store {

// What derived columns are made by. Both only ever rise.
struct Derivation {
  std::uint32_t rules_version = 0;
  std::uint32_t prices_version = 0;
  bool operator==(const Derivation&) const = default;
};

// A row's place: days from the latest to the earliest, within a day the order of the table. The default comes before
// every row.
struct SpanPosition {
  static constexpr std::uint32_t kBeforeAll = 1 << 16;
  std::uint32_t day = kBeforeAll;
  std::string project;
  TraceId trace_id;
  UnixNanos start_unix_ns = 0;
  std::uint64_t span_id = 0;
};

// Work on the rows with sequence numbers in [seq_begin, seq_end). Those up to and including `position` are done; all of
// them once it is finished.
struct RederivationMark {
  Derivation derivation;
  std::uint64_t seq_begin = 0;
  std::uint64_t seq_end = 0;
  bool finished = false;
  std::uint64_t done = 0;  // spans
  SpanPosition position;
};

// Spans of one day, as they were sent, with what their rows keep. batch.spans[i] is that of row i.
struct StaleChunk {
  model::SpanBatch batch;
  std::vector<model::LogRecord> logs;  // that may tell something of them, by project, trace and span
  std::uint16_t day = 0;
  std::vector<std::uint64_t> seqs;
  std::vector<UInt128> segment_scopes;
  std::size_t rows = 0;  // that were looked at
  SpanPosition end;      // of the last of them
};

// Behind the spans of a day, by the time of their log records, up to this one; without a project before all of them.
struct UntoldPosition {
  std::uint16_t day = 0;
  std::string project = {};
  SpanAddress span = {};
};

// Some spans of each project, and where the next page begins; nothing when it is the last one of its day.
struct UntoldPage {
  std::map<std::string, std::set<SpanAddress>> spans;
  std::optional<UntoldPosition> next;
};

// Thread-safe.
class StaleSpans {
 public:
  explicit StaleSpans(ClickHouse& clickhouse) : clickhouse_(&clickhouse) {}

  struct Extent {
    std::uint64_t rows = 0;     // copies of spans that are stale
    std::uint64_t seq_end = 0;  // above every row
  };
  // Of rows with this sequence number or a higher one. Reads columns of a few bytes a row.
  Result<Extent> Measure(const Derivation& newest, std::uint64_t seq_begin) const;
  // Stale rows that the mark leaves.
  Result<std::uint64_t> CountLeft(const RederivationMark& mark) const;

  // The next at most `rows_max` rows behind the mark's position. Nothing: there is none. Copies that were derived again
  // already are left out, so that a chunk may be empty. kResourceExhausted: it has more than `bytes_max`. kDataLoss:
  // one of them cannot be read.
  Result<std::optional<StaleChunk>> Read(const RederivationMark& mark, std::size_t rows_max,
                                         std::uint64_t bytes_max) const;

  // The days in which there are rows of these spans of the project; none as long as they are not stored.
  Result<std::vector<std::uint16_t>> DaysOf(const std::string& project, const std::set<SpanAddress>& spans) const;
  // The rows of one of these days, stale or not. Errors are those of Read.
  Result<StaleChunk> ReadNamed(const std::string& project, const std::set<SpanAddress>& spans, std::uint16_t day,
                               std::uint64_t bytes_max) const;
  // The latest day before this one that has log records.
  Result<std::optional<std::uint16_t>> LogDayBefore(std::uint32_t day) const;
  // At most `limit` spans with records of the day that may tell something and that their rows were not made with; also
  // those that are not stored. Rows and records are looked for from the day before to the day after: of a span whose
  // own lie further apart it may be said that there are some.
  Result<UntoldPage> Untold(const UntoldPosition& behind, std::size_t limit) const;

  // Where the next stale row is.
  Result<std::optional<SpanPosition>> Next(const RederivationMark& mark) const;

  // The rows of a chunk as newer ones beside the old, which merges drop. `segments` are of those rows whose scope
  // changed, the others are there already. The same token stores once. REQUIRES: not empty; seqs as in the chunk
  Result<void> Rewrite(const RowBatch& rows, const std::vector<std::uint64_t>& seqs, std::string_view token) const;

  // The last one that was kept; nothing before the first.
  Result<std::optional<RederivationMark>> LastMark() const;
  // Durable on return.
  Result<void> Keep(const RederivationMark& mark) const;

 private:
  struct Row;
  struct Window;
  struct RowsWanted;
  Result<std::optional<std::uint16_t>> NextDay(const RederivationMark& mark) const;
  Result<std::vector<Row>> RowsOf(std::uint16_t day, const RederivationMark& mark, std::size_t rows_max) const;
  Result<std::vector<Row>> RowsBehind(const RederivationMark& mark, std::size_t rows_max) const;
  // REQUIRES: !rows.empty()
  static Window WindowOf(const RederivationMark& mark, const std::vector<Row>& rows);
  Result<StaleChunk> ReadRows(const RowsWanted& wanted, std::uint64_t bytes_max) const;

  ClickHouse* clickhouse_;
};

}  // namespace nightjar::store
