// The file's user_version is the number of the last migration. A migration that shipped is never changed.
#include "catalog/catalog.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "catalog/internal/sqlite.h"

namespace nightjar::catalog {
namespace {

using internal::Connection;
using internal::Statement;

constexpr std::int64_t kApplicationId = 0x4e4a4152;  // "NJAR"

constexpr const char* kMigrations[] = {
    // 1
    R"(CREATE TABLE own_prices
(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    service_tier TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    rates TEXT NOT NULL,
    note TEXT NOT NULL,
    created_unix_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE prices_state
(
    only INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL,
    package TEXT NOT NULL
) STRICT;
INSERT INTO prices_state VALUES (1, 0, ''))",
    // 2
    R"(CREATE TABLE retention
(
    project TEXT PRIMARY KEY,
    days INTEGER NOT NULL CHECK (days > 0)
) STRICT, WITHOUT ROWID)",
};

Result<std::int64_t> Pragma(Connection& connection, std::string_view name) {
  ASSIGN_OR_RETURN(Statement statement, connection.Prepare(fmt::format("PRAGMA {}", name)));
  ASSIGN_OR_RETURN(const bool row, statement.Step());
  return row ? statement.Integer(0) : 0;
}

Result<void> Migrate(Connection& connection, const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(const std::int64_t application, Pragma(connection, "application_id"));
  ASSIGN_OR_RETURN(const std::int64_t found, Pragma(connection, "user_version"));
  if (application != kApplicationId && (application != 0 || found != 0))
    return Fail(ErrorCode::kDataLoss, fmt::format("{} is no catalog of nightjar", file.string()));
  if (found > std::ssize(kMigrations))
    return Fail(
        ErrorCode::kFailedPrecondition,
        fmt::format("the catalog {} is of format {}, this program reads up to {}; run the version that wrote it",
                    file.string(), found, std::ssize(kMigrations)));
  for (std::int64_t next = found; next < std::ssize(kMigrations); ++next)
    RETURN_IF_ERROR(connection.Execute(fmt::format("PRAGMA application_id = {}; {}; PRAGMA user_version = {}",
                                                   kApplicationId, kMigrations[next], next + 1)));
  return {};
}

Result<void> Transact(Connection& connection, const std::function<Result<void>(Connection&)>& work) {
  RETURN_IF_ERROR(connection.Execute("BEGIN IMMEDIATE"));
  Result<void> done = work(connection);
  if (done) done = connection.Execute("COMMIT");
  if (done) return {};
  const Result<void> undone = connection.Execute("ROLLBACK");
  if (!undone) done.error().message += "; " + undone.error().message;
  return done;
}

}  // namespace

Catalog::Catalog(Connection connection) : connection_(std::make_unique<Connection>(std::move(connection))) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::Open(const std::filesystem::path& file) {
  ASSIGN_OR_RETURN(Connection connection, Connection::Open(file));
  RETURN_IF_ERROR(Transact(connection, [&](Connection& open) { return Migrate(open, file); }));
  return std::unique_ptr<Catalog>(new Catalog(std::move(connection)));
}

Result<void> Catalog::InTransaction(const std::function<Result<void>(Connection&)>& work) {
  const std::lock_guard lock(mutex_);
  return Transact(*connection_, work);
}

Result<void> Catalog::CopyTo(const std::filesystem::path& file) {
  const std::lock_guard lock(mutex_);
  ASSIGN_OR_RETURN(Statement statement, connection_->Prepare("VACUUM INTO ?"));
  RETURN_IF_ERROR(statement.Bind(file.string()).Step());
  return {};
}

}  // namespace nightjar::catalog
