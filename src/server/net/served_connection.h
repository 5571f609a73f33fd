// An accepted socket as the listener sees it, whatever is spoken over it: HTTP/1.1 or gRPC.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace nightjar::server::internal {

// Owned by the listener until Run() has ended, and by the operations in flight. Everything runs on the socket's strand.
class ServedConnection : public std::enable_shared_from_this<ServedConnection> {
 public:
  using Clock = std::chrono::steady_clock;

  ServedConnection() = default;
  virtual ~ServedConnection() = default;
  ServedConnection(const ServedConnection&) = delete;
  ServedConnection& operator=(const ServedConnection&) = delete;

  // REQUIRES: called once, on the strand; the caller holds the connection until it ends.
  virtual boost::asio::awaitable<void> Run() = 0;

  // Thread-safe, each. Takes nothing more and closes once what is in work is answered; closes at once; closes if it
  // still has nothing to do, so that another one can be served, and otherwise is not idle.
  virtual void FinishSoon() = 0;
  virtual void Abort() = 0;
  virtual void GiveWay() = 0;

  // Thread-safe. Since when it has nothing to do; none while it has.
  [[nodiscard]] std::optional<Clock::time_point> idle_since() const {
    const Clock::time_point since = idle_since_.load();
    return since == kBusy ? std::nullopt : std::optional(since);
  }
  // Called on the strand when it becomes idle, or does not give way. REQUIRES: before Run()
  void OnIdle(std::function<void()> call) { on_idle_ = std::move(call); }

 protected:
  // On the strand.
  void SetIdle() {
    if (idle_since()) return;
    idle_since_ = Clock::now();
    if (on_idle_) on_idle_();
  }
  void SetBusy() { idle_since_ = kBusy; }
  void DoNotGiveWay() {
    SetBusy();
    if (on_idle_) on_idle_();
  }

 private:
  static constexpr Clock::time_point kBusy = Clock::time_point::max();
  std::atomic<Clock::time_point> idle_since_ = kBusy;
  std::function<void()> on_idle_;
};

}  // namespace nightjar::server::internal
