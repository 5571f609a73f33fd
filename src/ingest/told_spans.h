// Which spans the log records tell of that arrived lately: their rows are made again when both are stored.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

#include "ingest/export_request.h"
#include "store/id_columns.h"

namespace nightjar::ingest {

// Some spans of one project.
using SpansOfProject = std::pair<std::string, std::set<store::SpanAddress>>;

// Thread-safe.
class ToldSpans {
 public:
  // Of more the earliest are forgotten. A span that comes so late is due when stored records are looked at again.
  static constexpr std::size_t kMax = 100'000;

  // What will be stored. Spans are due when a record tells of them, and again when they come after it.
  void Note(const Telemetry& telemetry);
  // What stored records tell of: due when the spans come. Forgotten before those of Note.
  void Remember(const SpansOfProject& spans);
  // Whether some were forgotten since the last call.
  bool HasForgotten();

  // Waits until some are due: of one project, at most `limit`. None when it is `until`, or when told to stop.
  SpansOfProject TakeDue(std::size_t limit, std::chrono::steady_clock::time_point until, const std::stop_token& stop);
  // What was taken and could not be done.
  void GiveBack(const SpansOfProject& spans);

 private:
  using Named = std::pair<std::string, store::SpanAddress>;
  void AddLocked(const std::string& project, const store::SpanAddress& span);
  void ForgetLocked();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::atomic<bool> any_ = false;  // most installations have none
  // Guarded by mutex_:
  std::set<Named> told_;
  std::deque<std::set<Named>::const_iterator> order_;  // of told_, the earliest first
  bool has_forgotten_ = false;
  std::map<std::string, std::set<store::SpanAddress>> due_;
};

}  // namespace nightjar::ingest
