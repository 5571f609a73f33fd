#include "engine/internal/disconnect_watcher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"

namespace nightjar::engine {
namespace {

constexpr std::uint64_t kStop = 0;  // watches count from 1

// A kill can come before its statement has started, so it is repeated while the statement lives.
constexpr int kKillRepeatMs = 100;

}  // namespace

DisconnectWatcher::Watch::Watch(DisconnectWatcher& watcher, int socket, std::string comment)
    : watcher_(watcher), socket_(socket), comment_(std::move(comment)), number_(watcher.next_number_++) {
  {
    const std::lock_guard lock(watcher_.mutex_);
    watcher_.watches_.emplace(number_, this);
  }
  epoll_event event{.events = EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = number_}};
  CHECK(epoll_ctl(watcher_.epoll_, EPOLL_CTL_ADD, socket_, &event) == 0);
}

void DisconnectWatcher::Watch::End() {
  if (!std::exchange(watching_, false)) return;
  epoll_ctl(watcher_.epoll_, EPOLL_CTL_DEL, socket_, nullptr);
  {
    const std::lock_guard lock(watcher_.mutex_);
    watcher_.watches_.erase(number_);
  }
  if (gone_) const std::lock_guard killed(watcher_.killing_);  // a kill may be on its way
}

Result<std::unique_ptr<DisconnectWatcher>> DisconnectWatcher::Create(std::unique_ptr<Connection> admin) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  const int stop = eventfd(0, EFD_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = kStop}};
  if (epoll < 0 || stop < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, stop, &event) != 0) {
    return Fail(ErrorCode::kInternal, std::string("cannot watch sockets: ") + std::strerror(errno));
  }
  return std::unique_ptr<DisconnectWatcher>(new DisconnectWatcher(std::move(admin), epoll, stop));
}

DisconnectWatcher::DisconnectWatcher(std::unique_ptr<Connection> admin, int epoll, int stop)
    : admin_(std::move(admin)), epoll_(epoll), stop_(stop), thread_([this] { Loop(); }) {}

DisconnectWatcher::~DisconnectWatcher() {
  eventfd_write(stop_, 1);
  thread_.join();
  close(stop_);
  close(epoll_);
}

void DisconnectWatcher::Loop() {
  bool killing = false;
  std::array<epoll_event, 16> events;
  while (true) {
    const int count = epoll_wait(epoll_, events.data(), events.size(), killing ? kKillRepeatMs : -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kStop) return;
      MarkGone(events[i].data.u64);
    }
    killing = KillGone();
  }
}

void DisconnectWatcher::MarkGone(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (const auto found = watches_.find(number); found != watches_.end()) found->second->gone_ = true;
}

bool DisconnectWatcher::KillGone() {
  const std::lock_guard killing(killing_);
  std::vector<std::string> gone;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, watch] : watches_) {
      if (watch->gone_) gone.push_back(watch->comment_);
    }
  }
  for (const std::string& comment : gone) {
    const std::string error =
        admin_->Run(fmt::format("KILL QUERY WHERE Settings['log_comment'] = '{}' ASYNC", comment));
    if (!error.empty()) spdlog::warn("engine: cannot kill the statement of a gone client: {}", error);
  }
  return !gone.empty();
}

}  // namespace nightjar::engine
