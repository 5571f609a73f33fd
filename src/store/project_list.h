// The projects and how much each has. Counting different spans reads every id of a project, so that counts are kept
// until rows of the project come or go.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

constexpr std::size_t kProjectListLimitMax = 1'000;

struct ProjectSummary {
  std::string name;
  std::uint64_t trace_count = 0;
  std::uint64_t span_count = 0;
  UnixNanos last_seen_unix_ns = 0;  // when its newest span arrived
};

// Thread-safe.
class ProjectList {
 public:
  explicit ProjectList(ClickHouse& clickhouse) : clickhouse_(clickhouse) {}

  // Up to `limit` projects by name, those after `after`. REQUIRES: 0 < limit <= kProjectListLimitMax
  Result<std::vector<ProjectSummary>> Read(std::size_t limit, const std::string& after, const QueryOptions& options);

 private:
  // A new row has a new seq; rows only go by erasure, or when merges drop a copy. So what has the same of both is the
  // same.
  struct Version {
    std::uint64_t seq_max = 0;
    std::uint64_t rows = 0;
    auto operator<=>(const Version&) const = default;
  };
  struct Counts {
    Version version;
    std::uint64_t traces = 0;
    std::uint64_t spans = 0;
  };
  using Versions = std::map<std::string, Version>;

  Result<Versions> ReadVersions(std::size_t limit, const std::string& after, const QueryOptions& options);
  Result<std::map<std::string, Counts>> Count(const Versions& versions, const QueryOptions& options);

  ClickHouse& clickhouse_;
  std::mutex mutex_;
  std::map<std::string, Counts> kept_;  // guarded by mutex_
};

}  // namespace nightjar::store
