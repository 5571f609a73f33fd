// Ends the statement of a client that hung up: one thread waits on the sockets of running statements.
//
// A call that is blocked inside the engine cannot be interrupted by its own thread; KILL QUERY on another connection
// can. It finds the statement by its connection's setting log_comment: the text that the engine shows of a statement
// with parameters is its own rendering, without comments.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "engine/internal/chdb.h"

namespace nightjar::engine {

constexpr const char* kLogComment = "log_comment";

// Thread-safe.
class DisconnectWatcher {
 public:
  // Watches one socket while a statement runs; a hang-up between statements is no cancel.
  class Watch {
   public:
    // `comment`: the log_comment of the connection that the statement runs on, and of no other.
    Watch(DisconnectWatcher& watcher, int socket, std::string comment);
    Watch(Watch&&) = delete;
    ~Watch() { End(); }
    // The statement has ended: from here on the client may close without being taken for gone, and nothing that runs on
    // the connection is killed.
    void End();
    [[nodiscard]] bool gone() const { return gone_; }

   private:
    friend class DisconnectWatcher;
    DisconnectWatcher& watcher_;
    const int socket_;
    const std::string comment_;
    const std::uint64_t number_;
    bool watching_ = true;
    std::atomic<bool> gone_ = false;
  };

  static Result<std::unique_ptr<DisconnectWatcher>> Create(std::unique_ptr<Connection> admin);
  ~DisconnectWatcher();

 private:
  DisconnectWatcher(std::unique_ptr<Connection> admin, int epoll, int stop);
  void Loop();
  void MarkGone(std::uint64_t number);
  bool KillGone();  // whether any statement of a gone client is left

  const std::unique_ptr<Connection> admin_;  // used by thread_ only
  const int epoll_;
  const int stop_;
  std::mutex killing_;  // held while statements are chosen and killed; taken before mutex_
  std::mutex mutex_;
  std::map<std::uint64_t, Watch*> watches_;  // guarded by mutex_
  std::atomic<std::uint64_t> next_number_ = 1;
  std::thread thread_;
};

}  // namespace nightjar::engine
