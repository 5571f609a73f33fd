// Accepts clients on the child's socket, one thread for each, until SIGTERM.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "engine/internal/telemetry_engine.h"

namespace nightjar::engine {

// A listening Unix socket that only our user may connect to; replaces what a dead process left at the path.
Result<int> Listen(const std::filesystem::path& socket_path);

// Serves at most 128 clients at once. 16 more are answered /ping, so that a busy engine is not taken for one that
// hangs, and 503 to a statement; the rest wait in the socket's backlog. Returns after `stop_signals` (a signalfd) is
// readable and every client's thread has ended: running statements are killed, a commit in progress is finished.
void Serve(int listener, int stop_signals, TelemetryEngine& engine);

}  // namespace nightjar::engine
