// The engine writes the token of an insert into a log before the insert's part has its name. Killed in between, it
// would take the insert for a repetition when it comes again, and drop it.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.h"

namespace nightjar::engine {

// Takes out of the logs, for every table below `data_path`, each insert whose part is not on disk, nor a merged one
// that covers it. Returns how many. kUnavailable: a log cannot be read or written. REQUIRES: no engine has the
// directory open
Result<std::size_t> ForgetLostInserts(const std::filesystem::path& data_path);

}  // namespace nightjar::engine
