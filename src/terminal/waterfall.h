// A trace as a tree of spans beside their time, as lines of text.
#pragma once

#include <string>

#include "base/json.h"
#include "terminal/text.h"

namespace nightjar::terminal {

// `trace` is the API's {"trace":{…},"spans":[…]}. A span whose parent is not there stands as a root. kDataLoss when it
// is no trace.
Result<std::string> ToWaterfall(const json::object& trace, const Options& options);

}  // namespace nightjar::terminal
