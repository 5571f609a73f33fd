#include "server/http/http_server.h"

#include <memory>
#include <mutex>
#include <utility>

#include "server/http/internal/session.h"
#include "server/net/listener.h"

namespace nightjar::server {

struct HttpServer::Impl {
  Impl(const HttpServerOptions& options, const Router& router)
      : limits(options.limits),
        workers(options.worker_threads, options.limits.worker_queue_max),
        readers(options.reader_threads, options.limits.worker_queue_max),
        context{limits, router, workers, readers,
                std::make_shared<internal::ByteBudget>(options.limits.buffered_bytes_max)},
        listener(options.io_threads, options.limits.connections_max, [this](boost::asio::ip::tcp::socket socket) {
          return std::make_shared<internal::Session>(std::move(socket), context);
        }) {}

  const HttpLimits limits;
  internal::WorkerPool workers;
  internal::WorkerPool readers;
  const internal::SessionContext context;
  std::once_flag stopped;
  internal::Listener listener;
};

HttpServer::HttpServer(HttpServerOptions options, const Router& router)
    : impl_(std::make_unique<Impl>(options, router)) {}

HttpServer::~HttpServer() { Stop(std::chrono::milliseconds(0)); }

Result<std::string> HttpServer::Listen(const std::string& host, std::uint16_t port) {
  return impl_->listener.Listen(host, port);
}

void HttpServer::Stop(std::chrono::milliseconds grace) {
  std::call_once(impl_->stopped, [&] {
    impl_->listener.Drain(grace);
    impl_->workers.Stop();
    impl_->readers.Stop();
    impl_->listener.StopIo();
  });
}

}  // namespace nightjar::server
