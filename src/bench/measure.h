// What a process tree and a directory use, and which machine this is. Linux only: everything is read from /proc.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace nightjar::bench {

struct Usage {
  double cpu_seconds = 0;  // user and system
  std::uint64_t resident_bytes = 0;
};

// Of the process and its living descendants. CPU of children that have ended is not in it.
Usage ProcessTreeUsage(pid_t root);

// User and system CPU of this process.
double OwnCpuSeconds();

// Samples the memory of a process tree ten times a second, on a thread of its own, until destroyed.
class MemoryWatch {
 public:
  explicit MemoryWatch(pid_t root);
  [[nodiscard]] std::uint64_t peak_bytes() const { return peak_bytes_; }

 private:
  std::atomic<std::uint64_t> peak_bytes_ = 0;
  std::jthread thread_;
};

// Everything below the directory, at one moment: tried again when an engine removes a part of it meanwhile.
Result<std::vector<std::filesystem::path>> FilesUnder(const std::filesystem::path& directory);

// Allocated blocks of everything below the directory, as `du` counts them.
Result<std::uint64_t> DiskBytes(const std::filesystem::path& directory);

struct Machine {
  std::string cpu;
  unsigned cores = 0;
  double memory_gib = 0;
  std::string kernel;
  std::string filesystem;  // of the directory that was asked about
  double load = 0;         // runnable processes, averaged over the last minute: above 0 others used the machine too
};

Machine DescribeMachine(const std::filesystem::path& directory);

}  // namespace nightjar::bench
