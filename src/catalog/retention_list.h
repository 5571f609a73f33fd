// For how many days each project keeps what it received. A project that is not listed keeps it for ever.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"

namespace nightjar::catalog {

constexpr std::int64_t kRetentionDaysMax = 36'500;
constexpr std::size_t kRetentionProjectsMax = 10'000;
constexpr std::size_t kRetentionNameBytesMax = 256;

struct ProjectRetention {
  std::string project;
  std::int64_t days = 0;
};

// Thread-safe. A change is on disk when its call returns.
class RetentionList {
 public:
  // `catalog` outlives the list.
  explicit RetentionList(Catalog& catalog) : catalog_(catalog) {}

  // Called after each change by the thread that made it. Set before other threads use the list.
  void OnChange(std::function<void()> changed) { changed_ = std::move(changed); }

  // By the projects' names.
  Result<std::vector<ProjectRetention>> All();
  // nullopt: for ever. kInvalidArgument: not 1 to kRetentionDaysMax, or a name that no project can have;
  // kResourceExhausted: there are kRetentionProjectsMax already.
  Result<void> Set(const std::string& project, std::optional<std::int64_t> days);

 private:
  Catalog& catalog_;
  std::function<void()> changed_;
};

}  // namespace nightjar::catalog
