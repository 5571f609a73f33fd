// `nightjar tail`: spans as they arrive.
#pragma once

namespace nightjar::app {

// The exit code.
int RunTail(int argc, char** argv);

}  // namespace nightjar::app
