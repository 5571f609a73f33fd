#include "engine/internal/listener.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <list>
#include <thread>

#include "base/check.h"
#include "engine/internal/session.h"

namespace nightjar::engine {
namespace {

constexpr std::size_t kClientsMax = 128;
constexpr std::size_t kSpareClientsMax = 16;
constexpr int kBacklog = 256;
constexpr int kTidyStepMs = 10'000;

class Client {
 public:
  Client(int socket, Admission admission, int ended_event, TelemetryEngine& engine)
      : http_(socket), thread_([this, admission, ended_event, &engine] {
          try {
            ServeConnection(http_, admission, engine);
          } catch (const std::exception& error) {
            spdlog::error("engine: a connection ends: {}", error.what());
            http_.Shutdown();
          }
          ended_ = true;
          eventfd_write(ended_event, 1);
        }) {}
  Client(Client&&) = delete;
  ~Client() { thread_.join(); }

  [[nodiscard]] bool ended() const { return ended_; }
  void Shutdown() { http_.Shutdown(); }

 private:
  HttpConnection http_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace

Result<int> Listen(const std::filesystem::path& socket_path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = socket_path.string();
  if (path.size() >= sizeof(address.sun_path)) {
    return Fail(ErrorCode::kInvalidArgument, "a socket's path has at most 107 bytes: " + path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const mode_t before = umask(0177);  // the file is born with mode 0600
  const bool bound = listener >= 0 && bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int error = errno;
  umask(before);
  if (!bound || listen(listener, kBacklog) != 0) {
    return Fail(ErrorCode::kFailedPrecondition,
                "cannot listen on " + path + ": " + std::strerror(bound ? errno : error));
  }
  return listener;
}

void Serve(int listener, int stop_signals, TelemetryEngine& engine) {
  const int ended_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(ended_event >= 0);
  std::list<Client> clients;
  auto next_tidy = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTidyStepMs);
  while (true) {
    const bool full = clients.size() >= kClientsMax + kSpareClientsMax;
    pollfd waits[] = {{stop_signals, POLLIN, 0}, {ended_event, POLLIN, 0}, {full ? -1 : listener, POLLIN, 0}};
    const int ready = poll(waits, std::size(waits), kTidyStepMs);
    CHECK(ready >= 0 || errno == EINTR);
    if (const auto now = std::chrono::steady_clock::now(); now >= next_tidy) {
      engine.Tidy();
      next_tidy = now + std::chrono::milliseconds(kTidyStepMs);
    }
    if (ready <= 0) continue;
    if (waits[0].revents != 0) break;
    if (waits[1].revents != 0) {
      eventfd_t count = 0;
      eventfd_read(ended_event, &count);
      clients.remove_if([](const Client& client) { return client.ended(); });
    }
    if (waits[2].revents == 0) continue;
    const int socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const Admission admission = clients.size() < kClientsMax ? Admission::kStatements : Admission::kStatusOnly;
    if (socket >= 0) clients.emplace_back(socket, admission, ended_event, engine);
  }
  close(listener);
  for (Client& client : clients) client.Shutdown();
  clients.clear();
  close(ended_event);
}

}  // namespace nightjar::engine
