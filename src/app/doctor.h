// `nightjar doctor`: what is wrong with a server, with what it receives, or with a data directory.
#pragma once

namespace nightjar::app {

// `argv[0]` is the subcommand's name. Returns 0 when nothing is wrong, 1 when something is or the arguments are, 2 when
// the server cannot be reached.
int RunDoctor(int argc, char** argv);

}  // namespace nightjar::app
