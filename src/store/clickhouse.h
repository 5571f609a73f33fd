// A client of ClickHouse's HTTP interface: the one way to the telemetry engine, whether that is our child process
// behind a Unix socket or a cluster's address. Results and inserts are Native blocks (store/native_block.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nightjar::store {

// kText: a string, number, date or UUID as it is; the client escapes it. kLiteral: an array, tuple or map, already in
// ClickHouse's text form, ['it\'s','b'].
enum class ParamForm { kText, kLiteral };

// A bound {name:Type} parameter of a statement.
struct QueryParam {
  std::string name;
  std::string value;
  ParamForm form = ParamForm::kText;
};

// kServer: a statement that Nightjar wrote. kUser: text that a person wrote; the engine child lets one SELECT pass,
// with limits of its own (10 s, half its memory, 1M rows), and none at all where the kernel has no sandbox.
enum class QueryRole { kServer, kUser };

struct QueryOptions {
  std::chrono::milliseconds timeout{30'000};
  std::uint64_t result_bytes_max = 256ull << 20;
  QueryRole role = QueryRole::kServer;
  std::string row_filters;        // of kUser: only rows that they let through are there (store/views.h); "": all
  std::string format = "Native";  // of the result, as the engine names it
  std::stop_token stop;  // once requested, the call ends within a second with kUnavailable, and its statement with it
};

// Thread-safe: every method may be called from any thread, each call blocks its thread. Connections are kept and
// reused. Statements name their database. Error messages are the engine's own text, at most 500 bytes of it.
class ClickHouse {
 public:
  struct Options {
    std::string url = "http://localhost";  // scheme and authority; the path is ours
    std::string unix_socket;               // when not empty, connect here instead
    // Told when a statement of kServer meets a damaged part ("/store/abc/UUID/PART/"). True: ask again, it is gone.
    std::function<bool(const std::string& part)> on_damage = {};
  };
  explicit ClickHouse(Options options);
  ~ClickHouse();
  ClickHouse(const ClickHouse&) = delete;
  ClickHouse& operator=(const ClickHouse&) = delete;

  // For the stop of the program: within a second of this time every call that runs, and every later one, ends with
  // kUnavailable. An insert that was cut off may have landed.
  void EndCallsAt(std::chrono::steady_clock::time_point time);

  // Answers "Ok." within the timeout, or kUnavailable.
  Result<void> Ping(std::chrono::milliseconds timeout);

  // Runs one SELECT and returns its result, as Native unless `options` say otherwise; no rows may be no bytes. A result
  // cut short is an error, never a shorter answer. The engine ends the statement when the time is up. kDataLoss: what
  // it needs is damaged; a damaged skip index is gone without. kResourceExhausted: over result_bytes_max, or the
  // engine's limits of one statement.
  Result<std::string> Select(std::string_view sql, std::span<const QueryParam> params, const QueryOptions& options);

  // As Select, but gives the result to `take` as it comes, until that says no, which is no error. What fails after the
  // first bytes is an error all the same: what was taken is then not whole. `result_bytes_max` does not count.
  Result<void> Stream(std::string_view sql, std::span<const QueryParam> params, const QueryOptions& options,
                      const std::function<bool(std::string_view)>& take);

  // Runs one statement that returns nothing of interest (DDL, ALTER, INSERT … SELECT).
  Result<void> Execute(std::string_view sql, std::span<const QueryParam> params = {});

  // Sends Native blocks. `statement` is "INSERT INTO table (columns)". The engine drops a body whose token it has seen,
  // so an insert that may have landed is safe to send again with the same token and the same bytes.
  // kUnavailable: not known to have landed, send it again. Other codes: the engine refused it.
  // REQUIRES: !deduplication_token.empty()
  Result<void> Insert(std::string_view statement, std::string_view deduplication_token, std::string_view native_blocks);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::store
