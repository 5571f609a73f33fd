// What was said in each conversation, so that a question may refer to an earlier one. In memory.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace stack {

struct SessionLimits {
  std::size_t sessions_max = 1'000;        // the one that was quiet for the longest time goes first
  std::size_t turns_max = 20;              // of a session: question and answer; the oldest go first
  std::size_t session_bytes_max = 64'000;  // of its texts; the oldest turns go first
};

// Thread-safe.
class Sessions {
 public:
  explicit Sessions(SessionLimits limits = {}) : limits_(limits) {}

  // The messages of a session, oldest first; none when it is new. A session is one user's: another user with the same
  // session id has another.
  [[nodiscard]] boost::json::array History(const std::string& user, const std::string& session);

  // Two questions that were asked at the same time are added one after the other.
  void Add(const std::string& user, const std::string& session, std::string_view question, std::string_view answer);

  [[nodiscard]] std::size_t size() const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct Turn {
    std::string question;
    std::string answer;
  };
  struct Session {
    Key key;
    std::list<Turn> turns;
    std::size_t bytes = 0;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  // The session, made the latest; null when there is none. REQUIRES: mutex_ is held.
  Session* Touch(const Key& key);

  const SessionLimits limits_;
  mutable std::mutex mutex_;
  std::list<Session> sessions_;                                            // latest first; guarded by mutex_
  std::unordered_map<Key, std::list<Session>::iterator, KeyHash> by_key_;  // guarded by mutex_
};

}  // namespace stack
