// Ends the statement of a client that hung up: one thread waits on the sockets of running statements and kills by tag.
//
// A call that is blocked inside the engine cannot be interrupted by its own thread; KILL QUERY on another connection
// can.
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

// Thread-safe.
class DisconnectWatcher {
 public:
  // Watches one socket while a statement runs; a hang-up between statements is no cancel.
  class Watch {
   public:
    Watch(DisconnectWatcher& watcher, int socket);
    Watch(Watch&&) = delete;
    ~Watch() { End(); }
    // The statement has ended: from here on the client may close without being taken for gone.
    void End();
    // A comment that the statement's text must start with, by which it is found.
    [[nodiscard]] std::string tag() const;
    [[nodiscard]] bool gone() const { return gone_; }

   private:
    friend class DisconnectWatcher;
    DisconnectWatcher& watcher_;
    const int socket_;
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
  std::mutex mutex_;
  std::map<std::uint64_t, Watch*> watches_;  // guarded by mutex_
  std::atomic<std::uint64_t> next_number_ = 1;
  std::thread thread_;
};

}  // namespace nightjar::engine
