// `nightjar restore`: a data directory of a backup.
#pragma once

namespace nightjar::app {

// `argv[0]` is the subcommand's name. Returns the exit code.
int RunRestore(int argc, char** argv);

}  // namespace nightjar::app
