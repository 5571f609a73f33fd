// What a project's provider calls used and cost, in groups.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/call_totals.h"
#include "store/clickhouse.h"

namespace nightjar::store {

constexpr std::size_t kUsageLimitMax = 1000;

// With kTool the rows are about spans of kind TOOL, which have no tokens and no cost of their own, not about calls.
enum class UsageKey { kModel, kProvider, kUser, kSession, kTool, kPrompt, kPromptVersion, kService, kDay };
enum class UsageOrder {
  kCalls,
  kErrors,
  kTokens,
  kCost,
  kLatency,
  kGroup
};  // kGroup: ascending; the others: most first

struct UsageQuery {
  std::vector<UsageKey> group_by;
  UnixNanos from_unix_ns = 0;
  UnixNanos to_unix_ns = ~UnixNanos{0};  // starts before this
  UsageOrder order = UsageOrder::kCalls;
  std::size_t limit = 0;
};

struct UsageRow {
  std::vector<std::string> group;  // a value for each key; empty: unknown
  CallTotals totals;               // `calls` are spans of kind TOOL with kTool
  std::uint64_t errors = 0;
  std::optional<std::array<double, 3>> latency_ns;  // the 50th, 95th and 99th percentile
};

struct UsageTable {
  std::vector<UsageRow> rows;
  std::uint64_t group_count = 0;  // of all groups, also those over the limit
};

// Thread-safe.
class UsageReader {
 public:
  // `options`: of every question that is asked.
  explicit UsageReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // A call belongs to the user and session of its own span, else to those of its trace.
  // REQUIRES: !query.group_by.empty() && 0 < query.limit <= kUsageLimitMax
  [[nodiscard]] Result<UsageTable> Read(const std::string& project, const UsageQuery& query) const;

 private:
  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
