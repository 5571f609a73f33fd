#include "ingest/recent_requests.h"

#include <string>
#include <utility>

namespace nightjar::ingest {

RecentRequests::Key RecentRequests::KeyOf(const ExportRequest& request) const {
  const Key body = store::HashSegment(key_, request.body);
  std::string text;
  text += static_cast<char>(request.signal);
  text += static_cast<char>(request.encoding);
  text.append(reinterpret_cast<const char*>(&body), sizeof body);
  text += request.project;
  return store::HashSegment(key_, text);
}

bool RecentRequests::Contains(const Key& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Age(now);
  return young_.contains(key) || old_.contains(key);
}

void RecentRequests::Insert(const Key& key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  Age(now);
  young_.insert(key);
}

void RecentRequests::Clear() {
  const std::lock_guard lock(mutex_);
  young_.clear();
  old_.clear();
}

// REQUIRES: mutex_ is held
void RecentRequests::Age(Clock::time_point now) {
  if (now - young_since_ < kGenerationAge && young_.size() < kGenerationMax) return;
  const bool both_are_old = now - young_since_ >= 2 * kGenerationAge;
  old_ = std::exchange(young_, {});
  if (both_are_old) old_.clear();
  young_since_ = now;
}

}  // namespace nightjar::ingest
