#include "nightjar/tracing.h"

#include <curl/curl.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline.h"
#include "settings.h"

namespace nightjar {
namespace {

constexpr std::chrono::seconds kExitFlush{5};

// Constant-initialised, so that tracing works before and after every static object of the program.
constinit std::mutex g_mutex;                  // held while tracing starts or stops; guards History()
constinit std::atomic<bool> g_touched{false};  // InitTracing was called

// Never destroyed, see Pipeline.
struct History {
  std::vector<sdk::Pipeline*> pipelines;  // the latest last
  std::string start_error;                // of the latest InitTracing
  bool handlers_registered = false;
};
History& TracingHistory() {
  static auto* history = new History;
  return *history;
}

// Exit handlers run backwards: REQUIRES curl_global_init before, whose state a flush needs.
void RegisterHandlers() {
  std::atexit([] { (void)ShutdownTracing(kExitFlush); });
  // Another thread of the parent may have held it.
  pthread_atfork(nullptr, nullptr, [] { std::construct_at(&g_mutex); });
}

InitStatus StartLocked(const TracingOptions& options) {
  History& history = TracingHistory();
  sdk::ResolvedSettings resolved = sdk::ResolveSettings(options, &sdk::ProcessEnvironment);
  history.start_error = std::move(resolved.error);
  if (resolved.status != InitStatus::kStarted) return resolved.status;
  history.pipelines.reserve(history.pipelines.size() + 1);
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return InitStatus::kOutOfResources;
  sdk::Pipeline* pipeline = sdk::Pipeline::Start(std::move(resolved.settings));
  if (pipeline == nullptr) return InitStatus::kOutOfResources;
  history.pipelines.push_back(pipeline);
  if (!history.handlers_registered) RegisterHandlers();
  history.handlers_registered = true;
  return InitStatus::kStarted;
}

}  // namespace

InitStatus InitTracing(const TracingOptions& options) noexcept try {
  const std::lock_guard lock(g_mutex);
  g_touched.store(true, std::memory_order_release);
  if (sdk::Pipeline::Running() != nullptr) return InitStatus::kAlreadyRunning;
  return StartLocked(options);
} catch (...) {
  return InitStatus::kOutOfResources;
}

Tracer& tracer() noexcept {
  static constinit Tracer instance;
  if (!g_touched.load(std::memory_order_acquire)) [[unlikely]]
    InitTracing();
  return instance;
}

FlushStatus ForceFlush(std::chrono::milliseconds timeout) noexcept try {
  sdk::Pipeline* pipeline = sdk::Pipeline::Running();
  return pipeline == nullptr ? FlushStatus::kFlushed : pipeline->Flush(timeout);
} catch (...) {
  return FlushStatus::kFailed;
}

FlushStatus ShutdownTracing(std::chrono::milliseconds timeout) noexcept try {
  const std::lock_guard lock(g_mutex);
  sdk::Pipeline* pipeline = sdk::Pipeline::Running();
  return pipeline == nullptr ? FlushStatus::kFlushed : pipeline->Shutdown(timeout);
} catch (...) {
  return FlushStatus::kFailed;
}

TracingStats tracing_stats() noexcept try {
  const std::lock_guard lock(g_mutex);
  TracingStats stats;
  const History& history = TracingHistory();
  if (!history.pipelines.empty()) stats = history.pipelines.back()->Stats();
  if (!history.start_error.empty()) stats.last_error = history.start_error;
  return stats;
} catch (...) {
  return {};
}

std::string tracing_endpoint() noexcept try {
  const sdk::Pipeline* pipeline = sdk::Pipeline::Running();
  return pipeline == nullptr ? std::string() : pipeline->settings().endpoint;
} catch (...) {
  return {};
}

}  // namespace nightjar
