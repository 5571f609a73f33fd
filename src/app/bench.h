// `nightjar bench`: measures a server of its own, or one that runs, and prints what it found.
#pragma once

namespace nightjar::app {

// `argv[0]` is the subcommand's name. Returns the exit code.
int RunBench(int argc, char** argv);

}  // namespace nightjar::app
