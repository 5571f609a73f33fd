// Watches for stored spans on behalf of many clients, on one thread: none of them holds a thread while nothing comes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "query/expression.h"
#include "server/api_routes.h"
#include "server/http/http.h"

namespace nightjar::server {

// One client. `last_seq` is that of the last span it has.
struct LiveClient {
  query::Expression expression;
  std::string project;
  std::uint64_t last_seq = 0;
  std::stop_token abandoned;

  // The rest is guarded by LiveSpans::mutex_.
  PieceDone wanted = nullptr;                  // it has taken what it was given
  std::uint64_t asked_at = ~std::uint64_t{0};  // stored_end when it was last asked for
  std::chrono::steady_clock::time_point quiet_since;
};

// Thread-safe. A client that takes nothing is asked nothing for, so what waits for it is one piece at most.
class LiveSpans {
 public:
  explicit LiveSpans(ApiSources sources);
  // Every client is told that it is over.
  ~LiveSpans();
  LiveSpans(const LiveSpans&) = delete;
  LiveSpans& operator=(const LiveSpans&) = delete;

  // False when there are kStreamsMax already.
  bool Add(const std::shared_ptr<LiveClient>& client);
  // The client's next piece. REQUIRES: it was added
  void Want(const std::shared_ptr<LiveClient>& client, PieceDone done);

 private:
  void Run(const std::stop_token& stop);
  void Serve(const std::shared_ptr<LiveClient>& client);
  Result<std::string> NewEvents(LiveClient& client) const;

  const ApiSources sources_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<std::weak_ptr<LiveClient>> clients_;  // guarded by mutex_
  std::jthread thread_;                             // last: it uses the others
};

}  // namespace nightjar::server
