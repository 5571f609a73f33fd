// `nightjar serve`: builds every part, wires them, runs until told to stop.
#pragma once

#include "app/config.h"
#include "base/result.h"

namespace nightjar::app {

// Returns once SIGTERM or SIGINT has been handled and everything accepted is stored. Blocks those two signals in every
// thread, so it is called before any other thread exists.
Result<void> Serve(const ServeConfig& config);

}  // namespace nightjar::app
