// Lists of a project's sessions and users, with what their traces used.
#pragma once

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

constexpr std::size_t kPeopleListLimitMax = 500;

enum class PeopleKey { kSession, kUser };

// A session or a user. A span without one of its own belongs to that of its trace's earliest span that has one.
struct PeopleSummary {
  std::string id;
  UnixNanos first_unix_ns = 0;  // start of the first and of the last span
  UnixNanos last_unix_ns = 0;
  std::uint64_t trace_count = 0;
  std::uint64_t span_count = 0;
  std::uint64_t error_count = 0;
  CallTotals totals;
  std::vector<std::string> others;  // a session's users, a user's sessions: at most kOthersMax
  std::uint64_t other_count = 0;
  TraceId last_trace_id;
  std::string last_input_preview;
};
constexpr std::size_t kOthersMax = 10;

// Where a page ends. What has its last span later than this comes on earlier pages.
struct PeoplePosition {
  UnixNanos last_unix_ns = 0;
  std::string id;
};

// Thread-safe.
class PeopleList {
 public:
  // `options`: of every question that is asked.
  explicit PeopleList(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Up to `limit`, latest span first, after `after` when it is given. REQUIRES: 0 < limit <= kPeopleListLimitMax
  [[nodiscard]] Result<std::vector<PeopleSummary>> Latest(const std::string& project, PeopleKey key, std::size_t limit,
                                                          const std::optional<PeoplePosition>& after) const;

  // The summary of each of these that exists, in their order.
  [[nodiscard]] Result<std::vector<PeopleSummary>> Summarize(const std::string& project, PeopleKey key,
                                                             const std::vector<std::string>& ids) const;

 private:
  struct Question;
  [[nodiscard]] Result<std::optional<UnixNanos>> LastStart(const Question& question) const;
  [[nodiscard]] Result<std::vector<PeoplePosition>> Candidates(const Question& question, UnixNanos from) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
