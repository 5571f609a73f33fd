// The order of the start matters: the lock before the socket, so that a second engine leaves the first one's socket
// alone; the socket before the sandbox, so that the sandbox need not allow the socket's folder; the library before the
// sandbox, which would refuse to read it; the sandbox before the first connection, which starts threads.
#include "engine/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "base/check.h"
#include "engine/internal/chdb.h"
#include "engine/internal/exit_code.h"
#include "engine/internal/listener.h"
#include "engine/internal/lost_inserts.h"
#include "engine/internal/telemetry_engine.h"

namespace nightjar::engine {
namespace {

constexpr std::chrono::seconds kLockPatience{10};
constexpr std::chrono::milliseconds kLockPause{20};

int Explain(ExitCode code, const std::string& why) {
  spdlog::error("engine: {}", why);
  return std::to_underlying(code);
}

// SIGTERM comes through a file descriptor. SIGINT and SIGHUP from a terminal are for the parent, which stops us when it
// has written what it holds.
int BlockSignals() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_SETMASK, &stop, nullptr);
  const int file = signalfd(-1, &stop, SFD_CLOEXEC);
  CHECK(file >= 0);
  return file;
}

// An engine that was just killed keeps its lock until its memory is freed.
bool Lock(int directory) {
  const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
  while (flock(directory, LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kLockPause);
  }
  return true;
}

}  // namespace

int RunChild(const ChildOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != options.parent) return Explain(ExitCode::kOrphaned, "the parent has ended");
  const int stop_signals = BlockSignals();
  const std::string data_path = options.data_path.string();
  if (mkdir(data_path.c_str(), 0700) != 0 && errno != EEXIST) {
    return Explain(ExitCode::kDirectory, "cannot make " + data_path + ": " + std::strerror(errno));
  }
  const int directory = open(data_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return Explain(ExitCode::kDirectory, "cannot open " + data_path + ": " + std::strerror(errno));
  if (!Lock(directory)) return Explain(ExitCode::kLocked, "another engine uses " + data_path);
  const auto lost = ForgetLostInserts(options.data_path);
  if (!lost) return Explain(ExitCode::kOpen, lost.error().message);
  if (*lost > 0) spdlog::info("engine: {} inserts were cut off, and may come again", *lost);
  const auto listener = Listen(options.socket_path);
  if (!listener) return Explain(ExitCode::kDirectory, listener.error().message);
  auto library = Library::Load(options.library);
  if (!library) return Explain(ExitCode::kLibrary, library.error().message);
  auto engine = TelemetryEngine::Open(std::move(*library), options.data_path, options.memory_bytes_max);
  if (!engine) return Explain(ExitCode::kOpen, engine.error().message);
  Serve(*listener, stop_signals, **engine);
  engine->reset();
  // The library's own destructors are skipped: its threads may still run.
  _exit(std::to_underlying(ExitCode::kStopped));
}

}  // namespace nightjar::engine
