// The manners that the stack's servers share: one line of JSON on stdout when ready, SIGTERM and SIGINT end them.
#pragma once

#include <functional>
#include <string>

namespace stack {

// Blocks the signals on this thread and those it starts from now on. Call it before any thread is started.
void BlockStopSignals();

// Writes {"event":"ready","http":"127.0.0.1:PORT"}, and waits until a signal comes. REQUIRES: BlockStopSignals().
void AnnounceAndWait(const std::string& address);

// Runs `serve`; its exceptions become a line on stderr and exit code 1. A taken port is named.
int ServeOrExplain(const char* program, unsigned port, const std::function<void()>& serve);

}  // namespace stack
