// `nightjar export`: spans of a running server, or one of its traces, as a file.
#pragma once

namespace nightjar::app {

// The exit code.
int RunExport(int argc, char** argv);

}  // namespace nightjar::app
