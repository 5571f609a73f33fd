// Keeps the engine child alive: starts it, waits until it answers, starts it again when it ends or hangs, stops it with
// us. A ping every 2 s finds a child that hangs: it is not ready after 5 s without an answer, and killed after 10 s.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "engine/child.h"

namespace nightjar::engine {

struct EngineOptions {
  std::filesystem::path program;      // our own executable; run as `program engine …`
  std::filesystem::path library;      // libchdb.so
  std::filesystem::path data_path;    // absolute; the engine's own directory
  std::filesystem::path socket_path;  // absolute
  std::uint64_t memory_bytes_max = kMemoryBytesMax;
};

struct EngineState {
  bool ready = false;
  std::int64_t pid = 0;        // 0 while there is none
  std::uint64_t restarts = 0;  // since the supervisor started
  std::string last_exit;       // "signal 9", "killed: it did not answer for 10 s"; empty before the first end
  bool sandboxed = false;
};

// Thread-safe. Owns the child: the child dies with this process, however that ends.
class Supervisor {
 public:
  // Starts the child and waits until it answers a ping, at most 30 s. Errors say what to do in one sentence
  // (library missing: kNotFound; data directory locked or not writable: kFailedPrecondition).
  static Result<std::unique_ptr<Supervisor>> Start(EngineOptions options);
  ~Supervisor();  // SIGTERM, then SIGKILL after 3 s, or at once if it does not answer anyway

  [[nodiscard]] EngineState state() const;

 private:
  struct Impl;
  explicit Supervisor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::engine
