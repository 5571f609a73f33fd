// A client of ClickHouse's HTTP interface: the one way to the telemetry engine, whether that is our child process behind
// a Unix socket or a cluster's address. Results and inserts are Native blocks (store/native_block.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nightjar::store {

// A bound {name:Type} parameter of a statement; the value is sent as ClickHouse's text form, escaped by the client.
struct QueryParam {
  std::string name;
  std::string value;
};

struct QueryOptions {
  std::chrono::milliseconds timeout{30'000};
  std::uint64_t result_bytes_max = 256ull << 20;
};

// Thread-safe: every method may be called from any thread, each call blocks its thread. Connections are kept and reused.
class ClickHouse {
 public:
  struct Options {
    std::string url = "http://localhost";  // scheme and authority; the path is ours
    std::string unix_socket;               // when not empty, connect here instead
    std::string database;                  // default database of statements; empty: the server's
  };
  explicit ClickHouse(Options options);
  ~ClickHouse();
  ClickHouse(const ClickHouse&) = delete;
  ClickHouse& operator=(const ClickHouse&) = delete;

  // Answers "Ok." within the timeout, or kUnavailable.
  Result<void> Ping(std::chrono::milliseconds timeout);

  // Runs one SELECT and returns its result as Native bytes. A result cut short is an error, never a shorter answer.
  Result<std::string> Select(std::string_view sql, std::span<const QueryParam> params, const QueryOptions& options);

  // Runs one statement that returns nothing of interest (DDL, ALTER, OPTIMIZE).
  Result<void> Execute(std::string_view sql);

  // Sends Native blocks. `statement` is "INSERT INTO table (columns)". The engine drops a body whose token it has seen,
  // so an insert that may have landed is safe to send again with the same token and the same bytes.
  // kUnavailable: not known to have landed, send it again. Other codes: the engine refused it.
  Result<void> Insert(std::string_view statement, std::string_view deduplication_token, std::string_view native_blocks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::store
