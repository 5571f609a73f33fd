// `nightjar trace`: one trace of a running server, as a waterfall in the terminal.
#pragma once

namespace nightjar::app {

// The program's exit code: 0 shown, 1 unknown or not reached.
int RunTrace(int argc, char** argv);

}  // namespace nightjar::app
