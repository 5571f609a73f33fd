// What /api/v1/status tells.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "app/storage.h"
#include "base/json.h"
#include "ingest/ingest.h"
#include "ingest/rederiver.h"

namespace nightjar::app {

// The member "rederive".
json::object ToJsonObject(const ingest::RederiverState& state);

// Thread-safe. What must be asked of the engine is asked in the background, so that a reader never waits.
class StatusReport {
 public:
  // Both outlive the report.
  StatusReport(Storage& storage, const ingest::IngestCounters& counters);
  ~StatusReport();

  void SetAddresses(std::string http, std::string otlp_http, std::string grpc);
  [[nodiscard]] json::object ToJson() const;

 private:
  void Run();
  // Also has damage looked at that no statement of ours met: counts of rows, what people's statements met.
  Result<void> AskEngine();
  [[nodiscard]] json::array Warnings() const;  // what an operator should look at

  Storage& storage_;
  const ingest::IngestCounters& counters_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();

  mutable std::mutex mutex_;
  std::condition_variable stop_;
  // Guarded by mutex_:
  bool stopping_ = false;
  std::string http_;
  std::string otlp_http_;
  std::string grpc_;
  std::string engine_version_;  // empty until the engine was asked
  // As of the last time it was asked:
  std::uint64_t storage_bytes_ = 0;    // of the tables
  std::uint64_t parts_put_aside_ = 0;  // by the engine, because they are damaged
  std::string first_put_aside_;        // their tables and names, of some of them
  std::uint64_t damage_met_ = 0;       // since the engine started, in a part that is still read
  std::string last_damaged_;           // the file in which it was met last
  std::int64_t counts_compared_ = 0;   // of the engine with this process id; used by the thread alone

  std::thread thread_;
};

}  // namespace nightjar::app
