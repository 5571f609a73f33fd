// The open engine: the library, its connections by purpose, and the watcher. One per child process.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/internal/chdb.h"
#include "engine/internal/connection_pool.h"
#include "engine/internal/disconnect_watcher.h"

namespace nightjar::engine {

class TelemetryEngine {
 public:
  // Fences the process in (sandbox.h) and opens the directory. A kernel without the sandbox is no error: statements of
  // users are refused then.
  // REQUIRES: no other thread runs yet
  static Result<std::unique_ptr<TelemetryEngine>> Open(std::unique_ptr<Library> library,
                                                       const std::filesystem::path& data_path,
                                                       std::uint64_t memory_bytes_max);

  ConnectionPool& queries() { return queries_; }  // the server's own statements
  ConnectionPool& inserts() { return inserts_; }
  ConnectionPool& users() { return users_; }  // readonly=1, with limits
  DisconnectWatcher& watcher() { return *watcher_; }

  // A connection to be used in the place of `user`, one of users(), which sees those rows only. Thread-safe.
  Result<std::unique_ptr<Connection>> Narrowed(const Connection& user, const std::string& row_filters) const;

  // A statement begins. Thread-safe.
  void CountStatement() { ++statements_; }
  // Called every ten seconds, by one thread: sees to it that merges come last and, when hardly anything was asked since
  // the last time, that memory which nothing needs goes back to the system.
  void Tidy();

  [[nodiscard]] bool sandboxed() const { return sandbox_error_.empty(); }

  // The answer of /_stat, as JSON.
  [[nodiscard]] std::string Status() const;

 private:
  struct Parts;
  explicit TelemetryEngine(Parts parts);

  const std::unique_ptr<Library> library_;
  const std::filesystem::path data_path_;
  const std::uint64_t memory_bytes_max_;
  const std::string sandbox_error_;  // empty: the sandbox is up
  ConnectionPool queries_;
  ConnectionPool inserts_;
  ConnectionPool users_;
  const std::unique_ptr<DisconnectWatcher> watcher_;

  std::atomic<std::uint64_t> statements_ = 0;
  std::uint64_t statements_before_ = 0;  // when Tidy was called last
  unsigned idle_steps_ = 0;              // for which memory was given back since something was asked
};

}  // namespace nightjar::engine
