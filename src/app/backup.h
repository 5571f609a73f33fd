// `nightjar backup`: a copy of what a data directory holds, while a server runs on it or not.
#pragma once

namespace nightjar::app {

// `argv[0]` is the subcommand's name. Returns the exit code.
int RunBackup(int argc, char** argv);

}  // namespace nightjar::app
