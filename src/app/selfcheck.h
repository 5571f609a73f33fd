// `nightjar selfcheck`: checks a running server from outside.
#pragma once

namespace nightjar::app {

// `argv[0]` is the subcommand's name. Returns 0 when everything was as it must be, 1 when something was not or the
// arguments are wrong.
int RunSelfcheck(int argc, char** argv);

}  // namespace nightjar::app
