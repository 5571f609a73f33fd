#include "app/serve.h"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include "app/data_dir.h"
#include "app/status.h"
#include "base/json.h"
#include "engine/supervisor.h"
#include "ingest/committer.h"
#include "ingest/ingest.h"
#include "ingest/refusals.h"
#include "server/api_routes.h"
#include "server/grpc/grpc_server.h"
#include "server/http/http_server.h"
#include "server/http/router.h"
#include "server/otlp_routes.h"
#include "server/ui_routes.h"
#include "store/clickhouse.h"
#include "store/schema.h"
#include "store/span_reader.h"
#include "store/span_writer.h"
#include "store/trace_list.h"

namespace nightjar::app {
namespace {

constexpr std::chrono::milliseconds kStopGrace{2500};  // of each transport; SIGTERM ends within 10 s

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Never used before: makes this process's deduplication tokens its own.
Result<std::string> NewEpoch() {
  std::array<unsigned char, 16> random{};
  if (RAND_bytes(random.data(), random.size()) != 1)
    return Fail(ErrorCode::kInternal, "the system gave no random bytes");
  std::string epoch;
  for (const unsigned char byte : random) epoch += fmt::format("{:02x}", byte);
  return epoch;
}

Result<std::unique_ptr<ingest::Committer>> StartCommitter(store::ClickHouse& clickhouse) {
  ASSIGN_OR_RETURN(std::string epoch, NewEpoch());
  ASSIGN_OR_RETURN(store::SpanWriter writer, store::SpanWriter::Create(clickhouse, std::move(epoch)));
  return std::make_unique<ingest::Committer>(std::move(writer), ingest::CommitterLimits());
}

}  // namespace

Result<void> Serve(const ServeConfig& config) {
  const sigset_t stop_signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  spdlog::set_level(spdlog::level::from_str(config.log_level));

  ASSIGN_OR_RETURN(const DataDir data_dir, DataDir::Open(config.data_dir));
  ASSIGN_OR_RETURN(const store::SegmentKey segment_key, data_dir.ReadSegmentKey());
  ASSIGN_OR_RETURN(const std::unique_ptr<engine::Supervisor> engine,
                   engine::Supervisor::Start({.program = NIGHTJAR_ENGINE_PROGRAM,
                                              .library = config.engine_library,
                                              .data_path = data_dir.engine_path(),
                                              .socket_path = data_dir.engine_socket()}));
  store::ClickHouse clickhouse({.unix_socket = data_dir.engine_socket()});
  RETURN_IF_ERROR(store::Migrate(clickhouse));

  ASSIGN_OR_RETURN(const std::unique_ptr<ingest::Committer> committer, StartCommitter(clickhouse));
  ingest::Ingest ingest(*committer, segment_key);
  ingest::RefusalLog refusals;
  const store::SpanReader spans(clickhouse);
  const store::TraceList traces(clickhouse);
  StatusReport status(*engine, ingest.counters(), clickhouse);

  server::Router router;
  server::AddOtlpRoutes(ingest, refusals, router);
  server::AddApiRoutes({.spans = spans,
                        .traces = traces,
                        .refusals = refusals,
                        .status = [&] { return status.ToJson(); },
                        .ready = [&] { return engine->state().ready; }},
                       router);
  server::AddUiRoutes(router);
  server::HttpServer http({}, router);
  ASSIGN_OR_RETURN(const std::string address, http.Listen(config.host, config.port));
  ASSIGN_OR_RETURN(const std::string otlp_address, http.Listen(config.host, config.otlp_http_port));
  ASSIGN_OR_RETURN(const std::unique_ptr<server::GrpcServer> grpc,
                   server::GrpcServer::Listen(config.host, config.grpc_port, ingest, refusals));
  status.SetAddresses(address, otlp_address, grpc->address());

  std::cout << ToJson({{"event", "ready"}, {"http", address}, {"otlp_http", otlp_address}, {"grpc", grpc->address()}})
            << std::endl;
  spdlog::info("nightjar {} is ready at http://{}", NIGHTJAR_VERSION, address);

  int signal = 0;
  sigwait(&stop_signals, &signal);
  spdlog::info("stopping on {}", signal == SIGINT ? "interrupt" : "SIGTERM");
  grpc->Stop(kStopGrace);
  http.Stop(kStopGrace);
  return {};  // the committer stores what was accepted, then the engine ends: the reverse of the order above
}

}  // namespace nightjar::app
