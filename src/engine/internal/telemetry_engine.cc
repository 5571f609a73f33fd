#include "engine/internal/telemetry_engine.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <string>
#include <utility>

#include "base/json.h"
#include "engine/sandbox.h"

namespace nightjar::engine {
namespace {

using Settings = std::vector<NamedText>;
using Connections = std::vector<std::unique_ptr<Connection>>;

constexpr std::size_t kQueryConnections = 8;
constexpr std::size_t kInsertConnections = 2;
constexpr std::size_t kUserConnections = 2;
// The server asks for the version and the size of the tables itself every ten seconds.
constexpr std::uint64_t kStatementsOfAnIdleServer = 2;
// One after the other: merges go on for a while.
constexpr unsigned kRestsMax = 6;
// Nobody waits for a merge, and those who wait for anything else should not wait for one.
constexpr int kNiceOfMerges = 10;

// Without it a url() that cannot connect is tried again for 8 s. Inserts and the watcher need nothing else.
const Settings kPlainSettings = {{"http_max_tries", "1"}};

// The engine's defaults are 5 GiB for each cache, 0.9 of the memory for itself, 1,000 threads that wait for work, each
// with its stack and three open files, and metrics every second.
Settings ServerSettings(std::uint64_t memory_bytes_max) {
  return {{"max_server_memory_usage", std::to_string(memory_bytes_max)},
          {"mark_cache_size", std::to_string(memory_bytes_max / 8)},
          {"primary_index_cache_size", std::to_string(memory_bytes_max / 8)},
          {"index_mark_cache_size", std::to_string(memory_bytes_max / 16)},
          {"max_thread_pool_free_size", "16"},
          {"asynchronous_metrics_update_period_s", "60"}};
}

// No time limit: a client that waits no longer hangs up, and the watcher ends its statement.
Settings QuerySettings(std::uint64_t memory_bytes_max) {
  return {
      {"http_max_tries", "1"}, {"max_threads", "2"}, {"max_memory_usage", std::to_string(memory_bytes_max / 4 * 3)}};
}

// readonly last: nothing can be set behind it.
Settings UserSettings(std::uint64_t memory_bytes_max) {
  return {{"http_max_tries", "1"},
          {"max_threads", "2"},
          {"max_execution_time", "10"},
          {"max_memory_usage", std::to_string(memory_bytes_max / 2)},
          {"max_result_rows", "1000000"},
          {"max_result_bytes", "268435456"},
          {"output_format_json_quote_64bit_integers", "1"},
          {"output_format_arrow_string_as_string", "1"},
          {"readonly", "1"}};
}

// What the engine reads outside its directory: its own process, the machine's memory and processors.
const std::array<std::filesystem::path, 7> kReadable = {
    "/proc/self",     "/proc/meminfo",           "/proc/stat",         "/proc/cpuinfo",
    "/sys/fs/cgroup", "/sys/devices/system/cpu", "/usr/share/zoneinfo"};

// Each has a log_comment of its own: `name` and a number.
Result<Connections> ConnectMany(const std::function<Result<std::unique_ptr<Connection>>(const Settings&)>& connect,
                                std::string_view name, const Settings& settings, std::size_t count) {
  Connections connections;
  while (connections.size() < count) {
    Settings own{{kLogComment, fmt::format("{}{}", name, connections.size())}};
    own.insert(own.end(), settings.begin(), settings.end());
    ASSIGN_OR_RETURN(auto connection, connect(own));
    connections.push_back(std::move(connection));
  }
  return connections;
}

// The engine's own setting for this is heeded only when the process may lower the value again.
void LowerPriorityOfMerges() {
  std::error_code failed;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", failed)) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name == "MergeMutate")
      setpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(task.path().filename().string())), kNiceOfMerges);
  }
  if (failed) spdlog::warn("engine: cannot list its threads: {}", failed.message());
}

std::uint64_t ResidentBytes() {
  std::uint64_t size_pages = 0;
  std::uint64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> size_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

json::object PoolJson(const ConnectionPool& pool) {
  const auto counts = pool.counts();
  return {{"connections", counts.size}, {"free", counts.free}, {"waiting", counts.waiting}};
}

}  // namespace

struct TelemetryEngine::Parts {
  std::unique_ptr<Library> library;
  std::filesystem::path data_path;
  std::uint64_t memory_bytes_max = 0;
  std::string sandbox_error;
  Connections queries;
  Connections inserts;
  Connections users;
  std::unique_ptr<DisconnectWatcher> watcher;
};

TelemetryEngine::TelemetryEngine(Parts parts)
    : library_(std::move(parts.library)),
      data_path_(std::move(parts.data_path)),
      memory_bytes_max_(parts.memory_bytes_max),
      sandbox_error_(std::move(parts.sandbox_error)),
      queries_(std::move(parts.queries)),
      inserts_(std::move(parts.inserts)),
      users_(std::move(parts.users)),
      watcher_(std::move(parts.watcher)) {}

Result<std::unique_ptr<TelemetryEngine>> TelemetryEngine::Open(std::unique_ptr<Library> library,
                                                               const std::filesystem::path& data_path,
                                                               std::uint64_t memory_bytes_max) {
  Parts parts{.data_path = data_path, .memory_bytes_max = memory_bytes_max};
  const std::array<std::filesystem::path, 1> writable = {data_path};
  if (const auto fenced = EnterSandbox(writable, kReadable); !fenced) parts.sandbox_error = fenced.error().message;
  const auto connect = [&, server = ServerSettings(memory_bytes_max)](const Settings& own) {
    return library->Connect(data_path, server, own);
  };
  ASSIGN_OR_RETURN(auto admin, connect(kPlainSettings));
  ASSIGN_OR_RETURN(parts.queries, ConnectMany(connect, "query", QuerySettings(memory_bytes_max), kQueryConnections));
  ASSIGN_OR_RETURN(parts.inserts, ConnectMany(connect, "insert", kPlainSettings, kInsertConnections));
  ASSIGN_OR_RETURN(parts.users, ConnectMany(connect, "user", UserSettings(memory_bytes_max), kUserConnections));
  ASSIGN_OR_RETURN(parts.watcher, DisconnectWatcher::Create(std::move(admin)));
  parts.library = std::move(library);
  return std::unique_ptr<TelemetryEngine>(new TelemetryEngine(std::move(parts)));
}

Result<std::unique_ptr<Connection>> TelemetryEngine::Narrowed(const Connection& user,
                                                              const std::string& row_filters) const {
  Settings own{{kLogComment, user.OwnSetting(kLogComment).value()}, {"additional_table_filters", row_filters}};
  const Settings settings = UserSettings(memory_bytes_max_);
  own.insert(own.end(), settings.begin(), settings.end());
  return library_->Connect(data_path_, ServerSettings(memory_bytes_max_), own);
}

void TelemetryEngine::Tidy() {
  LowerPriorityOfMerges();
  const std::uint64_t statements = statements_;
  const bool idle = statements - std::exchange(statements_before_, statements) <= kStatementsOfAnIdleServer;
  if (!idle) {
    idle_steps_ = 0;
    return;
  }
  if (idle_steps_ == kRestsMax) return;
  // The allocator keeps what was freed until it is asked for memory again.
  const auto connection = queries_.Take(std::chrono::seconds(0));
  if (!connection) return;
  if (const std::string error = connection->Run("SYSTEM JEMALLOC PURGE"); !error.empty())
    spdlog::error("engine: cannot give memory back: {}", error);
  library_->ReleasePages();
  ++idle_steps_;
}

std::string TelemetryEngine::Status() const {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return ToJson(json::object{{"version", library_->version()},
                             {"pid", getpid()},
                             {"sandboxed", sandboxed()},
                             {"sandbox_error", sandbox_error_},
                             {"rss_bytes", ResidentBytes()},
                             {"cpu_s", Seconds(usage.ru_utime) + Seconds(usage.ru_stime)},
                             {"queries", PoolJson(queries_)},
                             {"inserts", PoolJson(inserts_)},
                             {"users", PoolJson(users_)}});
}

}  // namespace nightjar::engine
