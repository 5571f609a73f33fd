// A fence around the calling process, for good: files by Landlock, sockets and programs by seccomp. It is what stops a
// statement like SELECT file('/etc/passwd'), which the engine itself allows.
#pragma once

#include <filesystem>
#include <span>

#include "base/result.h"

namespace nightjar::engine {

// From now on this thread, and every thread it starts, can change files below `writable` only, read files below
// `readable` (missing ones are left out) and `writable` only, open no sockets but Unix ones and start no program. Files
// that are open already stay usable.
// kUnimplemented: the kernel lacks it. After an error the fence may be up in part.
// REQUIRES: no other thread runs yet
Result<void> EnterSandbox(std::span<const std::filesystem::path> writable,
                          std::span<const std::filesystem::path> readable);

}  // namespace nightjar::engine
