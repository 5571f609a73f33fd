// Erases traces with everything that belongs to them: spans, log records, and the bodies that no other span of their
// session refers to. What is to be erased is noted in the engine first, so that an erasure that a crash interrupted is
// finished later and never takes what came after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// A trace, every trace that has a span of the session, what is older than a time, or without any of these the whole
// project with its metrics. A trace is as old as its newest span or log record.
struct ErasureTarget {
  std::string project;
  std::optional<TraceId> trace_id;
  std::optional<std::string> session_id;
  std::optional<UnixNanos> before_unix_ns = std::nullopt;
};

// REQUIRES: nothing is written while either function runs.
class Eraser {
 public:
  explicit Eraser(ClickHouse& clickhouse) : clickhouse_(&clickhouse) {}

  // Durable on return. Rows with a sequence number below `seq_end` are meant. kNotFound: there is nothing of it. Old
  // log records and metric points that belong to no trace need no note: they go at once.
  Result<void> Note(const ErasureTarget& target, std::uint64_t seq_end);

  // Erases what is noted; repeatable after any error. Gone from disk once the engine drops the parts that held it, ten
  // minutes later.
  Result<void> Finish();

 private:
  Result<void> EraseLoose(const ErasureTarget& target, std::uint64_t seq_end);
  Result<std::uint64_t> Number(const std::string& sql, const std::vector<QueryParam>& params = {}) const;

  ClickHouse* clickhouse_;
};

}  // namespace nightjar::store
