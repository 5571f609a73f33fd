#include "bench/measure.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <stop_token>
#include <unordered_map>

namespace nightjar::bench {
namespace {

namespace fs = std::filesystem;

constexpr auto kSampleEvery = std::chrono::milliseconds(100);

struct ProcessStat {
  pid_t parent = 0;
  Usage usage;
};

// /proc/PID/stat, see proc_pid_stat(5): the name may hold anything, the fields after its last ')' are fixed.
std::optional<ProcessStat> ReadStat(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;  // ended meanwhile
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  ProcessStat stat;
  double user_ticks = 0, system_ticks = 0;
  std::uint64_t resident_pages = 0;
  fields >> skipped >> stat.parent;  // fields 3, 4
  for (int i = 5; i < 14; ++i) fields >> skipped;
  fields >> user_ticks >> system_ticks;  // 14, 15
  for (int i = 16; i < 24; ++i) fields >> skipped;
  fields >> resident_pages;  // 24
  stat.usage.cpu_seconds = (user_ticks + system_ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  stat.usage.resident_bytes = resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return stat;
}

// The value behind "name:" in a file such as /proc/cpuinfo; "" when there is none.
std::string NamedLine(const fs::path& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t value = line.find_first_not_of(" \t", line.find(':') + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

// The type of the mount with the longest path that holds the directory.
std::string FilesystemType(const fs::path& directory) {
  const std::string path = fs::weakly_canonical(directory).string() + "/";
  std::ifstream mounts("/proc/self/mounts");
  std::string device, mount, type, rest, found;
  std::size_t longest = 0;
  while (mounts >> device >> mount >> type && std::getline(mounts, rest)) {
    if (!mount.ends_with('/')) mount += '/';
    if (mount.size() < longest || !path.starts_with(mount)) continue;
    longest = mount.size();
    found = type;
  }
  return found;
}

}  // namespace

Usage ProcessTreeUsage(pid_t root) {
  std::unordered_map<pid_t, ProcessStat> all;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    if (const auto stat = ReadStat(entry.path())) all.emplace(pid, *stat);
  }
  Usage sum;
  for (const auto& [pid, stat] : all) {
    pid_t ancestor = pid;
    while (ancestor != root && all.contains(ancestor)) ancestor = all.at(ancestor).parent;
    if (ancestor != root) continue;
    sum.cpu_seconds += stat.usage.cpu_seconds;
    sum.resident_bytes += stat.usage.resident_bytes;
  }
  return sum;
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

MemoryWatch::MemoryWatch(pid_t root)
    : thread_([this, root](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        do {
          peak_bytes_ = std::max<std::uint64_t>(peak_bytes_, ProcessTreeUsage(root).resident_bytes);
          wake.wait_for(lock, stop, kSampleEvery, [] { return false; });
        } while (!stop.stop_requested());
      }) {}

Result<std::vector<fs::path>> FilesUnder(const fs::path& directory) {
  constexpr int kAttempts = 10;  // a walk fails when a directory in it is removed meanwhile
  std::error_code error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::vector<fs::path> files;
    for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
      files.push_back(at->path());
    }
    if (!error) return files;
  }
  return Fail(ErrorCode::kUnavailable, "cannot walk " + directory.string() + ": " + error.message());
}

Result<std::uint64_t> DiskBytes(const fs::path& directory) {
  ASSIGN_OR_RETURN(const std::vector<fs::path> files, FilesUnder(directory));
  std::uint64_t bytes = 0;
  for (const fs::path& file : files) {
    struct stat status{};
    if (lstat(file.c_str(), &status) == 0) bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  return bytes;
}

Machine DescribeMachine(const fs::path& directory) {
  utsname system{};
  uname(&system);
  Machine machine;
  machine.cpu = NamedLine("/proc/cpuinfo", "model name");
  machine.cores = std::thread::hardware_concurrency();
  machine.memory_gib =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  machine.kernel = std::string(system.sysname) + " " + system.release;
  machine.filesystem = FilesystemType(directory);
  getloadavg(&machine.load, 1);
  return machine;
}

}  // namespace nightjar::bench
