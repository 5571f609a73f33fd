#include "app/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/status.h"
#include "app/storage.h"
#include "backup/freeze_service.h"
#include "base/check.h"
#include "base/json.h"
#include "ingest/ingest.h"
#include "ingest/late_annotations.h"
#include "ingest/log_joiner.h"
#include "ingest/rederiver.h"
#include "ingest/refusals.h"
#include "ingest/retention.h"
#include "semconv/normalize.h"
#include "server/api_routes.h"
#include "server/delete_routes.h"
#include "server/grpc/grpc_server.h"
#include "server/http/http_server.h"
#include "server/http/router.h"
#include "server/openapi_routes.h"
#include "server/otlp_routes.h"
#include "server/price_routes.h"
#include "server/retention_routes.h"
#include "server/ui_routes.h"
#include "store/annotations.h"
#include "store/stale_spans.h"

namespace nightjar::app {
namespace {

// SIGTERM ends within 10 s, also when the engine hangs: its last answer is waited for until kLastCallMax, a read that a
// worker began in kStopGrace ends kReadPatience later, and the engine has 3 s.
constexpr std::chrono::milliseconds kStopGrace{2500};  // of the transports
constexpr std::chrono::milliseconds kLastCallMax{4000};
// How long a read waits for spans that were acknowledged and are on their way into the engine.
constexpr std::chrono::milliseconds kReadPatience{5000};
constexpr std::chrono::milliseconds kListPatience{1000};
constexpr std::chrono::milliseconds kErasePatience{30'000};

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// A shell's soft limit is 1,024 files, as many as HTTP connections alone may be.
void RaiseFileLimit() {
  rlimit files{};
  CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) spdlog::warn("cannot raise the limit of open files");
}

// glibc gives each of up to 16 threads an arena, and keeps up to 64 MiB free at the end of each: more than all that is
// in use. It raises the limits of what it keeps by itself unless they are set.
void KeepLittleFreeMemory() {
  mallopt(M_ARENA_MAX, 4);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
}

Result<void> CheckReady(const engine::Supervisor& engine, const journal::Journal& journal) {
  const journal::JournalState state = journal.state();
  if (state.read_only)
    return Fail(ErrorCode::kUnavailable, "nothing can be received, the journal failed: " + state.failure);
  if (!engine.state().ready) return Fail(ErrorCode::kUnavailable, "the telemetry engine does not answer");
  return {};
}

// How stored spans are understood again, and by what.
ingest::SummarizeStored Summarizer(const pricing::CurrentPrices& prices) {
  return [&prices](const model::SpanBatch& batch, const std::vector<model::LogRecord>& logs) {
    return ingest::SummarizeBatch(batch, *prices.Now(), logs);
  };
}

ingest::Rederiver::Newest NewestDerivation(const pricing::CurrentPrices& prices) {
  return [&prices] {
    return store::Derivation{.rules_version = semconv::kRulesVersion, .prices_version = prices.Now()->version()};
  };
}

Result<std::vector<ingest::KeptFor>> KeptDays(catalog::RetentionList& retention) {
  ASSIGN_OR_RETURN(const std::vector<catalog::ProjectRetention> all, retention.All());
  std::vector<ingest::KeptFor> kept;
  for (const auto& [project, days] : all) kept.push_back({.project = project, .days = days});
  return kept;
}

// After all others: the document tells of the routes before it.
void AddLastRoutes(Storage& storage, server::Router& router) {
  server::AddPriceRoutes(storage.prices(), router);
  server::AddRetentionRoutes(storage.retention(), router);
  server::AddOpenApiRoute(router);
  server::AddUiRoutes(router);
}

server::GrpcLimits GrpcLimitsOf(const server::HttpLimits& http) {
  return {.message_bytes_max = http.body_bytes_max,
          .buffered_bytes_max = http.buffered_bytes_max,
          .metadata_bytes_max = http.header_bytes_max,
          .connections_max = http.connections_max,
          .worker_queue_max = http.worker_queue_max};
}

json::object StatusOf(StatusReport& status, const ingest::Rederiver& rederiver) {
  json::object out = status.ToJson();
  out["rederive"] = ToJsonObject(rederiver.state());
  return out;
}

}  // namespace

Result<void> Serve(const ServeConfig& config) {
  KeepLittleFreeMemory();
  const sigset_t stop_signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  spdlog::set_level(spdlog::level::from_str(config.log_level));
  RaiseFileLimit();

  ASSIGN_OR_RETURN(const std::unique_ptr<Storage> storage, Storage::Open(config));

  const pricing::CurrentPrices& prices = storage->prices().current();
  server::Router router;        // answers until ingest has ended
  ingest::RefusalLog refusals;  // the same: what fails last is recorded too
  ingest::Ingest ingest(storage->journal(), storage->committer(), storage->segment_key());
  StatusReport status(*storage, ingest.counters());

  const store::StaleSpans stored(storage->clickhouse());
  ingest::RowRewriter rewriter(stored, storage->committer(), storage->segment_key(), Summarizer(prices));
  ingest::Rederiver rederiver(stored, rewriter, storage->journal(), NewestDerivation(prices));
  storage->prices().OnChange([&](std::uint32_t) { rederiver.Check(); });
  const ingest::LogJoiner log_joiner(storage->told(), stored, rewriter, storage->journal());

  ingest::Retention retention([&] { return KeptDays(storage->retention()); }, ingest);
  storage->retention().OnChange([&] { retention.Check(); });
  ingest::LateAnnotations annotations{store::Annotations(storage->clickhouse())};

  const auto ready = [&] { return CheckReady(storage->engine(), storage->journal()); };
  server::AddOtlpRoutes(
      {.ingest = ingest, .refusals = refusals, .cors = server::CorsPolicy(config.cors_allowed_origins)}, router);
  server::AddApiRoutes(
      {.clickhouse = storage->clickhouse(),
       .prices = prices,
       .refusals = refusals,
       .wait_until_stored = [&](const TraceId& id) { return storage->committer().WaitUntilStored(id, kReadPatience); },
       .wait_for_lists = [&] { return storage->committer().WaitUntilAllStored(kListPatience); },
       .stored_end = [&] { return storage->committer().stored_end(); },
       .put_annotations = [&](std::vector<store::Annotation> all,
                              bool must_exist) { return annotations.Put(std::move(all), must_exist); },
       .any_annotations = [&] { return annotations.any(); },
       .status = [&] { return StatusOf(status, rederiver); },
       .ready = ready},
      router);
  server::AddDeleteRoutes([&](store::ErasureTarget target) { return ingest.Erase(std::move(target), kErasePatience); },
                          router);
  AddLastRoutes(*storage, router);
  server::HttpServer http({.limits = config.http}, router);
  ASSIGN_OR_RETURN(const std::string address, http.Listen(config.host, config.port));
  ASSIGN_OR_RETURN(const std::string otlp_address, http.Listen(config.host, config.otlp_http_port));
  server::GrpcServer grpc({.limits = GrpcLimitsOf(config.http)},
                          {.ingest = ingest, .refusals = refusals, .ready = ready});
  ASSIGN_OR_RETURN(const std::string grpc_address, grpc.Listen(config.host, config.grpc_port));
  ASSIGN_OR_RETURN(const std::unique_ptr<backup::FreezeService> freezes,
                   backup::FreezeService::Start(storage->data_dir().path(),
                                                [&](const std::stop_token& stop) { return storage->Freeze(stop); }));
  status.SetAddresses(address, otlp_address, grpc_address);

  std::cout << ToJson({{"event", "ready"}, {"http", address}, {"otlp_http", otlp_address}, {"grpc", grpc_address}})
            << std::endl;
  spdlog::info("nightjar {} is ready at http://{}", NIGHTJAR_VERSION, address);

  int signal = 0;
  sigwait(&stop_signals, &signal);
  spdlog::info("stopping on {}", signal == SIGINT ? "interrupt" : "SIGTERM");
  storage->clickhouse().EndCallsAt(std::chrono::steady_clock::now() + kLastCallMax);  // the engine may hang
  {
    const std::jthread stop_grpc([&] { grpc.Stop(kStopGrace); });
    http.Stop(kStopGrace);
  }
  return {};  // the committer stores what it can, then the engine ends: the reverse of the order above
}

}  // namespace nightjar::app
