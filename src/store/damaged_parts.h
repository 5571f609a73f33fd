// Keeps damage to the part it lies in. The engine fails every statement and every merge that meets changed bytes, those
// of the whole parts beside them included; and it believes a part's own count of its rows. What is suspected is checked
// whole by the engine, and detached when it is damaged: it stays on disk, below "detached", and is read no more.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// Thread-safe. Parts are named by their folders, "/store/abc/UUID/PART/".
class DamagedParts {
 public:
  explicit DamagedParts(ClickHouse::Options engine);

  // Returns at once.
  void Suspect(const std::string& folder);

  // Waits until the part was looked at, 5 s at most: a large one takes longer. Whether nothing reads it any more.
  bool PutAside(const std::string& folder);

  // Suspects each part whose count of rows is not that of its columns. The engine reads it when it starts.
  Result<void> CompareCounts();

 private:
  using Clock = std::chrono::steady_clock;

  void Run(const std::stop_token& stop);
  // Whether it is put aside, or gone by itself.
  Result<bool> Examine(const std::string& folder, const std::stop_token& stop);
  // REQUIRES: mutex_ is held
  bool Add(const std::string& folder);

  ClickHouse clickhouse_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_:
  std::set<std::string> suspects_;
  std::map<std::string, Clock::time_point> spared_;  // found whole, or could not be checked, at that time

  std::jthread thread_;  // last: it uses the others
};

}  // namespace nightjar::store
