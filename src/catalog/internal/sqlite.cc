#include "catalog/internal/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace nightjar::catalog::internal {
namespace {

constexpr int kBusyMilliseconds = 5000;

ErrorCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorCode::kDataLoss;
    case SQLITE_FULL: return ErrorCode::kResourceExhausted;
    case SQLITE_CONSTRAINT: return ErrorCode::kAlreadyExists;
    case SQLITE_ERROR:
    case SQLITE_MISUSE: return ErrorCode::kInternal;
    default: return ErrorCode::kUnavailable;
  }
}

std::unexpected<Error> Failed(sqlite3* database) {
  const char* file = sqlite3_db_filename(database, "main");
  return Fail(CodeOf(sqlite3_extended_errcode(database)),
              fmt::format("the catalog {}: {}", file != nullptr ? file : "", sqlite3_errmsg(database)));
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Connection::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Statement& Statement::Bind(std::int64_t number) {
  bind_error_ |= sqlite3_bind_int64(statement_.get(), ++bound_, number);
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  bind_error_ |=
      sqlite3_bind_text64(statement_.get(), ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::Step() {
  if (bind_error_ != SQLITE_OK) return Failed(database_);
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) return Failed(database_);
  return code == SQLITE_ROW;
}

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return text != nullptr ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)))
                         : std::string();
}

Result<Connection> Connection::Open(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &database, flags, nullptr);
  Connection connection(database);
  if (code != SQLITE_OK)
    return Fail(ErrorCode::kUnavailable,
                fmt::format("cannot open the catalog {}: {}", file.string(), sqlite3_errstr(code)));
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  RETURN_IF_ERROR(
      connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                         "PRAGMA trusted_schema = OFF"));
  return connection;
}

Result<Statement> Connection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
    return Failed(database_.get());
  return Statement(database_.get(), statement);
}

Result<void> Connection::Execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return Failed(database_.get());
  return {};
}

std::int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(database_.get()); }

}  // namespace nightjar::catalog::internal
