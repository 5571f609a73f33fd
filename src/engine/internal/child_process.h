// One run of the engine child, seen from its parent.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "engine/supervisor.h"

namespace nightjar::engine {

struct ChildEnd {
  bool exited = false;  // else killed by a signal
  int number = 0;       // exit code or signal
  std::string why;      // we killed it: why; else empty
};

std::string ToString(const ChildEnd& end);  // "exit code 2", "signal 9", "killed: it did not answer for 10 s"

// Every call belongs to the thread that started it: the kernel ends the child when that thread ends.
class ChildProcess {
 public:
  // Runs `program engine --library L --data-path P --socket S --parent-pid N` with stdout on our stderr, no other open
  // files and an environment of TZ=UTC alone: what is in ours could be read by a statement, /proc/self/environ. Every
  // wait ends when `stop_event` is readable.
  static Result<std::unique_ptr<ChildProcess>> Start(const EngineOptions& options, int stop_event);
  ~ChildProcess();  // kills it if it still runs

  enum class Outcome { kAnswered, kEnded, kStopped, kTimeout };
  struct Readiness {
    Outcome outcome = Outcome::kTimeout;
    bool sandboxed = false;
  };
  // Until the child answers on its socket.
  Readiness WaitReady(std::chrono::milliseconds time_max) const;
  // Until the child answers a ping.
  Outcome Ping(std::chrono::milliseconds time_max) const;
  // Never kAnswered.
  Outcome Wait(std::chrono::milliseconds time_max) const;

  ChildEnd Reap();  // waits for its end
  ChildEnd Kill(std::string why);
  ChildEnd Stop(std::chrono::milliseconds patience);  // SIGTERM, and SIGKILL when that was not enough

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int file, std::string socket_path, int stop_event)
      : pid_(pid), file_(file), socket_path_(std::move(socket_path)), stop_event_(stop_event) {}
  // Asks GET `path` until the body of an answer is accepted.
  Outcome Ask(std::string_view path, std::chrono::milliseconds time_max,
              const std::function<bool(std::string_view body)>& accept) const;

  const pid_t pid_;
  const int file_;  // a pidfd: readable when the child has ended
  const std::string socket_path_;
  const int stop_event_;
  bool reaped_ = false;
};

}  // namespace nightjar::engine
