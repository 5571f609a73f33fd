// `nightjar query`: SQL, or the query language, asked of a running server.
#pragma once

namespace nightjar::app {

// The program's exit code: 0 answered, 1 refused or not reached.
int RunQuery(int argc, char** argv);

}  // namespace nightjar::app
