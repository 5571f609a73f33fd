// A statement's result on its way from the engine to a client, whatever its size: a thread reads it, and stops reading
// while the client does not take what was read.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::server {

constexpr std::size_t kEngineStreamsMax = 2;              // so that lists and traces find a free connection
constexpr std::size_t kEngineStreamBytesMax = 4 << 20;    // that wait for a client
constexpr std::chrono::minutes kEngineStreamTimeMax{60};  // of the statement

class EngineStream {
 public:
  struct Statement {
    std::string sql;
    std::vector<store::QueryParam> params;
    std::string format;  // as the engine names it
  };

  EngineStream(store::ClickHouse& clickhouse, Statement statement);
  // Waits until the engine has let go.
  ~EngineStream();
  EngineStream(const EngineStream&) = delete;
  EngineStream& operator=(const EngineStream&) = delete;

  // What came since, or, when nothing did, what comes next; empty at the end.
  Result<std::string> Next(const std::stop_token& abandoned);
  // Nobody asks for more; does not wait.
  void Leave();
  // It was left, and the engine has let go.
  [[nodiscard]] bool over() const;

 private:
  void Run(const std::stop_token& stop);

  store::ClickHouse& clickhouse_;
  const Statement statement_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string bytes_;                   // guarded by mutex_
  bool is_left_ = false;                // guarded by mutex_
  std::optional<Result<void>> result_;  // guarded by mutex_; there once it has ended
  std::jthread thread_;                 // last: it uses the others
};

// Thread-safe. Owns the streams, so that no answer that goes away waits for the engine.
class EngineStreams {
 public:
  explicit EngineStreams(store::ClickHouse& clickhouse) : clickhouse_(clickhouse) {}

  // kUnavailable when there are kEngineStreamsMax. The stream ends some time after the last owner has let go.
  Result<std::shared_ptr<EngineStream>> Begin(EngineStream::Statement statement);

 private:
  store::ClickHouse& clickhouse_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<EngineStream>> streams_;  // guarded by mutex_
};

}  // namespace nightjar::server
