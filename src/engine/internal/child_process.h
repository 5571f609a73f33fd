// One run of the engine child, seen from its parent.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/supervisor.h"

namespace nightjar::engine {

struct ChildEnd {
  bool exited = false;  // else killed by a signal
  int number = 0;       // exit code or signal
};

std::string ToString(const ChildEnd& end);  // "exit code 2", "signal 9"

// Every call belongs to the thread that started it: the kernel ends the child when that thread ends.
class ChildProcess {
 public:
  // Runs `program engine --library L --data-path P --socket S --parent-pid N` with stdout on our stderr, no other open
  // files and an environment of TZ=UTC alone: what is in ours could be read by a statement, /proc/self/environ.
  static Result<std::unique_ptr<ChildProcess>> Start(const EngineOptions& options);
  ~ChildProcess();  // kills it if it still runs

  enum class Readiness { kReady, kEnded, kStopped, kTimeout };
  struct Answer {
    Readiness readiness = Readiness::kTimeout;
    bool sandboxed = false;
  };
  // Until the child answers on its socket, ends, `stop_event` is readable or the time is up.
  Answer WaitReady(const EngineOptions& options, int stop_event, std::chrono::milliseconds time_max) const;

  // Until it ends (how) or `stop_event` is readable (nothing).
  std::optional<ChildEnd> WaitEnd(int stop_event);

  // SIGTERM, and SIGKILL when that was not enough.
  ChildEnd Stop(std::chrono::milliseconds patience);

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, int file) : pid_(pid), file_(file) {}
  ChildEnd Reap();

  const pid_t pid_;
  const int file_;  // a pidfd: readable when the child has ended
  bool reaped_ = false;
};

}  // namespace nightjar::engine
