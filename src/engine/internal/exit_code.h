// How the child tells its supervisor why it could not start; the details are on its stderr.
#pragma once

namespace nightjar::engine {

enum class ExitCode : int {
  kStopped = 0,     // SIGTERM
  kOrphaned = 10,   // the parent was gone already
  kLibrary = 11,    // the library cannot be loaded
  kLocked = 12,     // another engine has the data directory
  kDirectory = 13,  // the data directory or the socket cannot be made
  kOpen = 14,       // the library cannot open the data directory
};

}  // namespace nightjar::engine
