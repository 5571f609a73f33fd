// The engine child: libchdb behind the part of ClickHouse's HTTP interface that we use, on a Unix socket.
#pragma once

#include <sys/types.h>
#include <filesystem>

namespace nightjar::engine {

struct ChildOptions {
  std::filesystem::path library;
  std::filesystem::path data_path;
  std::filesystem::path socket_path;
  pid_t parent = 0;  // ends at once when this is not the parent any more
};

// Runs until the parent ends or SIGTERM; returns the exit code. The hidden subcommand `nightjar engine` is this.
int RunChild(const ChildOptions& options);

}  // namespace nightjar::engine
