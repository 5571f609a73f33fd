#include "engine/internal/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/json.h"

namespace nightjar::engine {
namespace {

using Clock = std::chrono::steady_clock;

// The socket appears a few milliseconds after the start; there is no event for it that is simpler than to look.
constexpr std::chrono::milliseconds kConnectRetry{5};

class FileCloser {
 public:
  explicit FileCloser(int file) : file_(file) {}
  FileCloser(FileCloser&&) = delete;
  ~FileCloser() {
    if (file_ >= 0) close(file_);
  }

 private:
  int file_;
};

// Does not block: the backlog of a child that hangs may be full.
int ConnectTo(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (file >= 0 && connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(file);
    return -1;
  }
  return file;
}

enum class Woken { kFile, kChild, kStop, kTime };

// `file` may be -1. The child's end and the stop come first.
Woken WaitFor(int file, int child, int stop_event, std::chrono::milliseconds time_max) {
  std::array<pollfd, 3> waits = {{{stop_event, POLLIN, 0}, {child, POLLIN, 0}, {file, POLLIN, 0}}};
  int count = 0;
  do {
    count = poll(waits.data(), waits.size(), static_cast<int>(time_max.count()));
  } while (count < 0 && errno == EINTR);
  if (waits[0].revents != 0) return Woken::kStop;
  if (waits[1].revents != 0) return Woken::kChild;
  return waits[2].revents != 0 ? Woken::kFile : Woken::kTime;
}

// Empty when this is no good answer.
std::string_view BodyOf(std::string_view response) {
  const std::size_t head_end = response.find("\r\n\r\n");
  if (!response.starts_with("HTTP/1.1 200 ") || head_end == std::string_view::npos) return {};
  return response.substr(head_end + 4);
}

}  // namespace

std::string ToString(const ChildEnd& end) {
  if (!end.why.empty()) return "killed: " + end.why;
  return fmt::format("{} {}", end.exited ? "exit code" : "signal", end.number);
}

Result<std::unique_ptr<ChildProcess>> ChildProcess::Start(const EngineOptions& options, int stop_event) {
  std::vector<std::string> arguments = {options.program,  "engine",
                                        "--library",      options.library,
                                        "--data-path",    options.data_path,
                                        "--socket",       options.socket_path,
                                        "--memory-bytes", std::to_string(options.memory_bytes_max),
                                        "--parent-pid",   std::to_string(getpid())};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::string time_zone = "TZ=UTC";
  std::array<char*, 2> environment = {time_zone.data(), nullptr};

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
  CHECK(posix_spawnattr_init(&attributes) == 0 && posix_spawn_file_actions_init(&files) == 0);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, options.program.c_str(), &files, &attributes, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return Fail(ErrorCode::kFailedPrecondition,
                fmt::format("cannot run {}: {}", options.program.string(), std::strerror(error)));
  }
  const auto file = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (file < 0) {
    const std::string why = std::strerror(errno);
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return Fail(ErrorCode::kInternal, "cannot watch the engine process: " + why);
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(pid, file, options.socket_path, stop_event));
}

ChildProcess::~ChildProcess() {
  if (!reaped_) {
    kill(pid_, SIGKILL);
    Reap();
  }
  close(file_);
}

ChildProcess::Outcome ChildProcess::Ask(std::string_view path, std::chrono::milliseconds time_max,
                                        const std::function<bool(std::string_view body)>& accept) const {
  const std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n", path);
  const auto deadline = Clock::now() + time_max;
  const auto left = [&] {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()));
  };
  while (left().count() > 0) {
    const int file = ConnectTo(socket_path_);
    const FileCloser closer(file);
    const bool asked =
        file >= 0 && send(file, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size());
    std::string response;
    std::array<char, 4096> piece;
    ssize_t count = 0;
    do {
      switch (WaitFor(asked ? file : -1, file_, stop_event_, asked ? left() : std::min(left(), kConnectRetry))) {
        case Woken::kStop: return Outcome::kStopped;
        case Woken::kChild: return Outcome::kEnded;
        case Woken::kTime: count = 0; break;
        case Woken::kFile: count = read(file, piece.data(), piece.size()); break;
      }
      if (count > 0) response.append(piece.data(), static_cast<std::size_t>(count));
    } while (count > 0);
    if (accept(BodyOf(response))) return Outcome::kAnswered;
  }
  return Outcome::kTimeout;
}

ChildProcess::Readiness ChildProcess::WaitReady(std::chrono::milliseconds time_max) const {
  Readiness readiness;
  readiness.outcome = Ask("/_stat", time_max, [&](std::string_view body) {
    const auto status = ParseJson(body);
    if (status) readiness.sandboxed = status->as_object().at("sandboxed").as_bool();
    return status.has_value();
  });
  return readiness;
}

ChildProcess::Outcome ChildProcess::Ping(std::chrono::milliseconds time_max) const {
  return Ask("/ping", time_max, [](std::string_view body) { return body == "Ok.\n"; });
}

ChildProcess::Outcome ChildProcess::Wait(std::chrono::milliseconds time_max) const {
  switch (WaitFor(-1, file_, stop_event_, time_max)) {
    case Woken::kStop: return Outcome::kStopped;
    case Woken::kChild: return Outcome::kEnded;
    default: return Outcome::kTimeout;
  }
}

ChildEnd ChildProcess::Kill(std::string why) {
  kill(pid_, SIGKILL);
  ChildEnd end = Reap();
  end.why = std::move(why);
  return end;
}

ChildEnd ChildProcess::Stop(std::chrono::milliseconds patience) {
  kill(pid_, SIGTERM);
  if (WaitFor(-1, file_, -1, patience) == Woken::kTime) kill(pid_, SIGKILL);
  return Reap();
}

ChildEnd ChildProcess::Reap() {
  siginfo_t end{};
  while (waitid(P_PIDFD, static_cast<id_t>(file_), &end, WEXITED) != 0) CHECK(errno == EINTR);
  reaped_ = true;
  return {.exited = end.si_code == CLD_EXITED, .number = end.si_status, .why = {}};
}

}  // namespace nightjar::engine
