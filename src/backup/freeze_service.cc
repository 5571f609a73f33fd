#include "backup/freeze_service.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"

namespace nightjar::backup {
namespace {

constexpr std::size_t kAnswerBytesMax = 64 << 20;

// REQUIRES: the path fits, which DataDir::Open sees to for a longer one.
sockaddr_un AddressOf(const std::filesystem::path& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  CHECK(path.string().size() < sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());
  return address;
}

std::unexpected<Error> FailWithErrno(const std::string& what) {
  const bool nobody = errno == ENOENT || errno == ECONNREFUSED;
  return Fail(nobody ? ErrorCode::kNotFound : ErrorCode::kUnavailable, what + ": " + std::strerror(errno));
}

void SendLine(int connection, const std::string& line) {
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = send(connection, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // the client has gone, which the caller sees next
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace

std::filesystem::path FreezeSocket(const std::filesystem::path& data_dir) { return data_dir / "run" / "backup.sock"; }

Result<std::unique_ptr<FreezeService>> FreezeService::Start(const std::filesystem::path& data_dir, FreezeNow freeze) {
  RETURN_IF_ERROR(Thaw(FrozenRoot(data_dir)));
  const std::filesystem::path path = FreezeSocket(data_dir);
  unlink(path.c_str());
  const sockaddr_un address = AddressOf(path);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int stop_event = eventfd(0, EFD_CLOEXEC);
  // The folder is its owner's alone.
  const bool ok = listener >= 0 && stop_event >= 0 &&
                  bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                  listen(listener, 8) == 0;
  std::unique_ptr<FreezeService> service(new FreezeService(listener, stop_event, std::move(freeze)));
  if (!ok) return FailWithErrno(fmt::format("cannot listen on {}", path.string()));
  service->thread_ = std::jthread([running = service.get()](const std::stop_token& token) { running->Run(token); });
  return service;
}

FreezeService::FreezeService(int listener, int stop_event, FreezeNow freeze)
    : listener_(listener), stop_event_(stop_event), freeze_(std::move(freeze)) {}

FreezeService::~FreezeService() {
  if (thread_.joinable()) {
    thread_.request_stop();
    eventfd_write(stop_event_, 1);
    thread_.join();
  }
  if (listener_ >= 0) close(listener_);
  if (stop_event_ >= 0) close(stop_event_);
}

void FreezeService::Run(const std::stop_token& stop) {
  for (;;) {
    pollfd wait[] = {{listener_, POLLIN, 0}, {stop_event_, POLLIN, 0}};
    if (poll(wait, 2, -1) < 0) continue;  // a signal
    if (wait[1].revents != 0) return;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    ServeOne(connection, stop);
    close(connection);
  }
}

void FreezeService::ServeOne(int connection, const std::stop_token& stop) {
  const Result<Frozen> frozen = freeze_(stop);
  if (!frozen) {
    SendLine(connection, ToJson(json::object{{"error", frozen.error().message}}) + "\n");
    return;
  }
  spdlog::info("the tables are frozen for a backup");
  SendLine(connection, ToJson(ToJsonObject(*frozen)) + "\n");
  pollfd wait[] = {{connection, POLLIN | POLLRDHUP, 0}, {stop_event_, POLLIN, 0}};
  while (poll(wait, 2, -1) < 0) {  // a signal
  }
  if (const auto thawed = Thaw(frozen->folder); !thawed) spdlog::warn("after a backup: {}", thawed.error().message);
}

Result<FrozenByServer> FrozenByServer::Ask(const std::filesystem::path& data_dir) {
  const std::filesystem::path path = FreezeSocket(data_dir);
  if (path.string().size() >= sizeof(sockaddr_un{}.sun_path))
    return Fail(ErrorCode::kNotFound, fmt::format("{} is too long for a data directory", data_dir.string()));
  FrozenByServer asked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = AddressOf(path);
  if (asked.connection_ < 0 ||
      connect(asked.connection_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return FailWithErrno(fmt::format("cannot connect to {}", path.string()));
  std::string line;
  char piece[4096];
  while (!line.ends_with('\n') && line.size() < kAnswerBytesMax) {
    const ssize_t count = recv(asked.connection_, piece, sizeof piece, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Fail(ErrorCode::kUnavailable, "the server ended before it had frozen its tables");
    line.append(piece, static_cast<std::size_t>(count));
  }
  ASSIGN_OR_RETURN(asked.frozen_, FrozenFromJson(line));
  return asked;
}

FrozenByServer::FrozenByServer(FrozenByServer&& other) noexcept
    : connection_(std::exchange(other.connection_, -1)), frozen_(std::move(other.frozen_)) {}

FrozenByServer::~FrozenByServer() {
  if (connection_ >= 0) close(connection_);
}

}  // namespace nightjar::backup
