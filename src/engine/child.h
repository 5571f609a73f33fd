// The engine child: libchdb behind the part of ClickHouse's HTTP interface that we use, on a Unix socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace nightjar::engine {

// What the engine may use for everything, its caches included. Less than the minimum, and it cannot work.
constexpr std::uint64_t kMemoryBytesMax = 2ULL << 30;
constexpr std::uint64_t kMemoryBytesMin = 512ULL << 20;

struct ChildOptions {
  std::filesystem::path library;
  std::filesystem::path data_path;
  std::filesystem::path socket_path;
  std::uint64_t memory_bytes_max = kMemoryBytesMax;
  pid_t parent = 0;  // ends at once when this is not the parent any more
};

// Runs until the parent ends or SIGTERM; returns the exit code. The hidden subcommand `nightjar engine` is this.
int RunChild(const ChildOptions& options);

}  // namespace nightjar::engine
