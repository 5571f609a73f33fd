// SQLite as values and Results. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nightjar::catalog::internal {

// One SQL statement. Parameters are bound from the first on, in order; the text is copied. A failed binding shows when
// the statement is stepped.
class Statement {
 public:
  Statement& Bind(std::int64_t number);
  Statement& Bind(std::string_view text);

  // True: there is a row, whose columns may be read until the next step. kDataLoss: the file is damaged;
  // kResourceExhausted: the disk is full; kUnavailable: it cannot be read or written for another reason.
  Result<bool> Step();

  // REQUIRES: Step() was true
  std::int64_t Integer(int column) const;
  std::string Text(int column) const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}

  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int bound_ = 0;
  int bind_error_ = 0;
};

// An open file. Outlives its statements.
class Connection {
 public:
  // Makes the file when it is missing; WAL, synchronous=FULL: what was committed is on disk.
  static Result<Connection> Open(const std::filesystem::path& file);

  Result<Statement> Prepare(std::string_view sql);
  // Any number of statements, without rows or parameters.
  Result<void> Execute(const std::string& sql);
  [[nodiscard]] std::int64_t last_insert_id() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Connection(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace nightjar::catalog::internal
