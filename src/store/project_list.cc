#include "store/project_list.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "store/native_reader.h"

namespace nightjar::store {
namespace {

constexpr std::size_t kKeptMax = 10'000;  // projects

}  // namespace

Result<std::vector<ProjectSummary>> ProjectList::Read(std::size_t limit, const std::string& after,
                                                      const QueryOptions& options) {
  CHECK(limit > 0 && limit <= kProjectListLimitMax);
  ASSIGN_OR_RETURN(const Versions versions, ReadVersions(limit, after, options));
  std::map<std::string, Counts> counts;
  Versions changed;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, version] : versions) {
      const auto kept = kept_.find(name);
      if (kept != kept_.end() && kept->second.version == version) {
        counts.insert(*kept);
      } else {
        changed.emplace(name, version);
      }
    }
  }
  if (!changed.empty()) {
    ASSIGN_OR_RETURN(const auto counted, Count(changed, options));
    const std::lock_guard lock(mutex_);
    if (kept_.size() + counted.size() > kKeptMax) kept_.clear();
    for (const auto& [name, count] : counted) {
      kept_.insert_or_assign(name, count);
      counts.insert_or_assign(name, count);
    }
  }
  std::vector<ProjectSummary> projects;
  for (const auto& [name, count] : counts)
    projects.push_back({name, count.traces, count.spans, versions.at(name).seq_max * 1000});
  return projects;
}

Result<ProjectList::Versions> ProjectList::ReadVersions(std::size_t limit, const std::string& after,
                                                        const QueryOptions& options) {
  const std::string sql = fmt::format(
      "SELECT project, max(seq), count() FROM nightjar.spans WHERE project > {{after:String}} GROUP BY project "
      "ORDER BY project LIMIT {}",
      limit);
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse_.Select(sql, std::vector<QueryParam>{{"after", after}}, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  Versions versions;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      versions.emplace(block.columns.at(0).Text(row), Version{block.columns.at(1).Fixed<std::uint64_t>(row),
                                                              block.columns.at(2).Fixed<std::uint64_t>(row)});
  return versions;
}

// Spans count by a 64-bit hash of their ids, which takes a fifth of the time of the ids themselves: among 100 million
// spans of a project two have the same hash in one case of 4,000.
Result<std::map<std::string, ProjectList::Counts>> ProjectList::Count(const Versions& versions,
                                                                      const QueryOptions& options) {
  const std::vector<QueryParam> params = {{"first", versions.begin()->first}, {"last", versions.rbegin()->first}};
  ASSIGN_OR_RETURN(
      const std::string bytes,
      clickhouse_.Select("SELECT project, uniqExact(reinterpretAsUInt128(trace_id)), uniqExact(xxHash64(trace_id, "
                         "span_id)) FROM nightjar.spans WHERE project BETWEEN {first:String} AND {last:String} "
                         "GROUP BY project",
                         params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::map<std::string, Counts> counts;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const auto version = versions.find(std::string(block.columns.at(0).Text(row)));
      if (version == versions.end()) continue;
      counts.emplace(version->first, Counts{version->second, block.columns.at(1).Fixed<std::uint64_t>(row),
                                            block.columns.at(2).Fixed<std::uint64_t>(row)});
    }
  return counts;
}

}  // namespace nightjar::store
