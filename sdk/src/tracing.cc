#include "nightjar/tracing.h"

#include <curl/curl.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "active.h"
#include "batch_processor.h"
#include "nightjar/propagation.h"
#include "provider_state.h"
#include "settings.h"

namespace nightjar {
namespace {

constexpr std::chrono::seconds kExitFlush{5};

// One start of tracing. Never destroyed, as providers are not, but when it does not come to run.
struct Session {
  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    for (const auto& started : {otlp, console}) {
      if (started != nullptr) (void)started->Shutdown(std::chrono::milliseconds(0));
    }
  }

  Session* earlier = nullptr;
  TracerProvider* provider = nullptr;
  Tracer tracer;
  std::shared_ptr<sdk::BatchProcessor> otlp;     // null: nothing leaves over HTTP
  std::shared_ptr<sdk::BatchProcessor> console;  // null: nothing is written to stdout
  std::string endpoint;
  std::string warning;
  std::size_t queue_capacity = 0;
  sdk::SpanCounts counts_before;
  std::uint64_t dropped_before = 0;
};

// Constant-initialised, so that tracing works before and after every static object of the program.
constinit std::mutex g_mutex;                  // held while tracing starts or stops; guards what follows
constinit std::atomic<bool> g_touched{false};  // InitTracing was called
constinit std::atomic<Session*> g_running{nullptr};
constinit Session* g_latest = nullptr;  // running or not
constinit bool g_handlers_registered = false;

std::string& StartError() {  // of the latest InitTracing
  static auto* error = new std::string;
  return *error;
}

// Exit handlers run backwards: REQUIRES curl_global_init before, whose state a flush needs.
void RegisterHandlers() {
  std::atexit([] { (void)ShutdownTracing(kExitFlush); });
  // Another thread of the parent may have held it.
  pthread_atfork(nullptr, nullptr, [] { std::construct_at(&g_mutex); });
}

InitStatus StartLocked(const TracingOptions& options) {
  sdk::ResolvedSettings resolved = sdk::ResolveSettings(options, &sdk::ProcessEnvironment);
  StartError() = std::move(resolved.error);
  SetPropagator(std::move(resolved.settings.propagator));
  if (resolved.status != InitStatus::kStarted) return resolved.status;
  sdk::Settings& settings = resolved.settings;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return InitStatus::kOutOfResources;

  auto session = std::make_unique<Session>();
  session->endpoint = settings.otlp.endpoint;
  session->warning = settings.warning;
  session->queue_capacity = settings.batch.queue_spans_max;
  session->counts_before = sdk::SumSpanCounts();
  session->dropped_before = sdk::BatchProcessor::CountedDropped();
  std::vector<SpanProcessorPtr> processors = options.processors;
  if (settings.console) {
    session->console = sdk::BatchProcessor::Start([] { return ConsoleExporter(); }, settings.batch);
    processors.push_back(session->console);
  }
  if (!settings.otlp.endpoint.empty()) {
    session->otlp =
        sdk::BatchProcessor::Start([otlp = settings.otlp] { return OtlpHttpExporter(otlp); }, settings.batch);
    processors.push_back(session->otlp);
  }
  session->provider = &TracerProvider::Create({.resource = std::move(settings.resource),
                                               .sampler = std::move(settings.sampler),
                                               .limits = settings.limits,
                                               .processors = std::move(processors),
                                               .masking = settings.masking});
  session->tracer = session->provider->tracer({.name = settings.service_name});
  if (!session->tracer.enabled()) throw std::bad_alloc();  // one of the two is what there is without memory
  if (!g_handlers_registered) RegisterHandlers();
  g_handlers_registered = true;
  session->earlier = g_latest;
  g_latest = session.release();
  g_running.store(g_latest, std::memory_order_release);
  sdk::g_tracer.store(sdk::StateOf(g_latest->tracer), std::memory_order_release);
  return InitStatus::kStarted;
}

// How far a count has come. One that is below what it was started again in a forked child.
std::uint64_t Since(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

}  // namespace

InitStatus InitTracing(const TracingOptions& options) noexcept try {
  const std::lock_guard lock(g_mutex);
  g_touched.store(true, std::memory_order_release);
  if (g_running.load(std::memory_order_relaxed) != nullptr) return InitStatus::kAlreadyRunning;
  return StartLocked(options);
} catch (...) {
  return InitStatus::kOutOfResources;
}

Tracer& tracer() noexcept {
  static constinit Tracer instance(sdk::g_tracer);
  if (!g_touched.load(std::memory_order_acquire)) [[unlikely]]
    InitTracing();
  return instance;
}

TracerProvider* tracer_provider() noexcept {
  const Session* session = g_running.load(std::memory_order_acquire);
  return session == nullptr ? nullptr : session->provider;
}

FlushStatus ForceFlush(std::chrono::milliseconds timeout) noexcept {
  const Session* session = g_running.load(std::memory_order_acquire);
  return session == nullptr ? FlushStatus::kFlushed : session->provider->ForceFlush(timeout);
}

FlushStatus ShutdownTracing(std::chrono::milliseconds timeout) noexcept try {
  const std::lock_guard lock(g_mutex);
  const Session* session = g_running.exchange(nullptr, std::memory_order_acq_rel);
  if (session == nullptr) return FlushStatus::kFlushed;
  sdk::g_tracer.store(nullptr, std::memory_order_release);
  return session->provider->Shutdown(timeout);
} catch (...) {
  return FlushStatus::kFailed;
}

TracingStats tracing_stats() noexcept try {
  const std::lock_guard lock(g_mutex);
  TracingStats stats;
  if (g_latest != nullptr) {
    const Session& session = *g_latest;
    const auto& queue = session.otlp != nullptr ? session.otlp : session.console;
    const sdk::QueueCounts counts = queue == nullptr ? sdk::QueueCounts{} : queue->Counts();
    const sdk::SpanCounts spans = sdk::SumSpanCounts();
    stats = {.exported = counts.exported,
             .dropped = counts.dropped + sdk::BatchProcessor::CountedDropped() - session.dropped_before,
             .failed = counts.failed,
             .queued = counts.queued,
             .last_error = counts.last_error.empty() ? session.warning : counts.last_error,
             .started_sampled = Since(session.counts_before.sampled, spans.sampled),
             .started_record_only = Since(session.counts_before.record_only, spans.record_only),
             .started_dropped = Since(session.counts_before.dropped, spans.dropped),
             .live = spans.sampled + spans.record_only - spans.ended,
             .queue_capacity = session.queue_capacity,
             .inflight = counts.inflight,
             .exports = counts.exports,
             .export_time = counts.export_time};
  }
  if (!StartError().empty()) stats.last_error = StartError();
  return stats;
} catch (...) {
  return {};
}

std::string tracing_endpoint() noexcept try {
  const Session* session = g_running.load(std::memory_order_acquire);
  return session == nullptr ? std::string() : session->endpoint;
} catch (...) {
  return {};
}

}  // namespace nightjar
