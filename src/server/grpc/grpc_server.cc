#include "server/grpc/grpc_server.h"

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <utility>

#include "server/grpc/internal/connection.h"
#include "server/grpc/internal/health_service.h"
#include "server/grpc/internal/otlp_service.h"
#include "server/grpc/internal/reflection_service.h"
#include "server/net/listener.h"

namespace nightjar::server {

struct GrpcServer::Impl {
  Impl(const GrpcServerOptions& options, const GrpcSources& sources)
      : limits(options.limits),
        listener(options.io_threads, limits.connections_max,
                 [this](boost::asio::ip::tcp::socket socket) {
                   return std::make_shared<internal::Connection>(std::move(socket), context);
                 }),
        workers(options.worker_threads, options.limits.worker_queue_max),
        otlp(sources.ingest, sources.refusals),
        health(listener.io(), sources.ready),
        context{limits, methods, workers, std::make_shared<internal::ByteBudget>(limits.buffered_bytes_max),
                [this](std::string_view peer, std::string_view path, const internal::GrpcStatus& status) {
                  otlp.RecordRefused(peer, path, status);
                }} {
    otlp.AddTo(methods, limits.message_bytes_max);
    health.AddTo(methods);
    reflection.AddTo(methods);
  }

  const GrpcLimits limits;
  internal::Listener listener;  // its io outlives what runs there
  internal::WorkerPool workers;
  internal::OtlpService otlp;
  internal::HealthService health;
  const internal::ReflectionService reflection;
  internal::GrpcMethods methods;  // constant once there are connections
  const internal::GrpcContext context;
  std::once_flag stopped;
};

GrpcServer::GrpcServer(const GrpcServerOptions& options, const GrpcSources& sources)
    : impl_(std::make_unique<Impl>(options, sources)) {}

GrpcServer::~GrpcServer() { Stop(std::chrono::milliseconds(0)); }

Result<std::string> GrpcServer::Listen(const std::string& host, std::uint16_t port) {
  auto bound = impl_->listener.Listen(host, port);
  if (bound) return bound;
  return Fail(bound.error().code,
              fmt::format("{}, for OTLP/gRPC; choose another with --grpc-port", bound.error().message));
}

void GrpcServer::Stop(std::chrono::milliseconds grace) {
  std::call_once(impl_->stopped, [&] {
    impl_->health.Stop();
    impl_->listener.Drain(grace);
    impl_->workers.Stop();
    impl_->listener.StopIo();
  });
}

}  // namespace nightjar::server
