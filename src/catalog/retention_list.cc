#include "catalog/retention_list.h"

#include <fmt/format.h>

#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {

using internal::Connection;
using internal::Statement;

Result<std::vector<ProjectRetention>> RetentionList::All() {
  std::vector<ProjectRetention> all;
  const auto read = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Statement select, connection.Prepare("SELECT project, days FROM retention ORDER BY project"));
    while (true) {
      ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) return {};
      all.push_back({.project = select.Text(0), .days = select.Integer(1)});
    }
  };
  RETURN_IF_ERROR(catalog_.InTransaction(read));
  return all;
}

Result<void> RetentionList::Set(const std::string& project, std::optional<std::int64_t> days) {
  if (days && (*days < 1 || *days > kRetentionDaysMax))
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("days is {}; it is 1 to {}, or null for ever", *days, kRetentionDaysMax));
  if (project.empty() || project.size() > kRetentionNameBytesMax)
    return Fail(ErrorCode::kInvalidArgument, "a project's name has 1 to 256 bytes");
  const auto write = [&](Connection& connection) -> Result<void> {
    ASSIGN_OR_RETURN(Statement erase, connection.Prepare("DELETE FROM retention WHERE project = ?"));
    RETURN_IF_ERROR(erase.Bind(project).Step());
    if (!days) return {};
    ASSIGN_OR_RETURN(Statement count, connection.Prepare("SELECT count(*) FROM retention"));
    RETURN_IF_ERROR(count.Step());
    if (count.Integer(0) >= static_cast<std::int64_t>(kRetentionProjectsMax))
      return Fail(ErrorCode::kResourceExhausted,
                  fmt::format("{} projects have a retention already; let one keep for ever", kRetentionProjectsMax));
    ASSIGN_OR_RETURN(Statement insert, connection.Prepare("INSERT INTO retention (project, days) VALUES (?, ?)"));
    RETURN_IF_ERROR(insert.Bind(project).Bind(*days).Step());
    return {};
  };
  RETURN_IF_ERROR(catalog_.InTransaction(write));
  if (changed_) changed_();
  return {};
}

}  // namespace nightjar::catalog
