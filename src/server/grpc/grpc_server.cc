#include "server/grpc/grpc_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/lexical_cast.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "server/grpc/internal/connection.h"
#include "server/grpc/internal/health_service.h"
#include "server/grpc/internal/otlp_service.h"
#include "server/grpc/internal/reflection_service.h"

namespace nightjar::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using internal::Connection;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptRetry{200};  // after a failure such as "too many open files"

// The engine child must not inherit our sockets: they would outlive this process.
void CloseOnExec(int socket) { CHECK(fcntl(socket, F_SETFD, FD_CLOEXEC) == 0); }

Result<tcp::acceptor> Bind(const asio::any_io_executor& executor, const std::string& host, std::uint16_t port) {
  error_code ec;
  asio::ip::address address = asio::ip::make_address(host, ec);
  if (ec) {
    const auto resolved = tcp::resolver(executor).resolve(tcp::v4(), host, std::to_string(port), ec);
    if (ec || host.empty()) return Fail(ErrorCode::kInvalidArgument, "cannot listen on host \"" + host + "\"");
    address = resolved.begin()->endpoint().address();
  }
  const tcp::endpoint endpoint(address, port);
  try {
    tcp::acceptor acceptor(executor, endpoint);  // with SO_REUSEADDR, which on Linux shares no port that is listened on
    CloseOnExec(acceptor.native_handle());
    return acceptor;
  } catch (const boost::system::system_error& e) {
    return Fail(e.code() == asio::error::address_in_use ? ErrorCode::kAlreadyExists : ErrorCode::kInvalidArgument,
                fmt::format("cannot listen on {} for OTLP/gRPC: {}; choose another with --grpc-port",
                            boost::lexical_cast<std::string>(endpoint), e.code().message()));
  }
}

}  // namespace

struct GrpcServer::Impl {
  Impl(const GrpcServerOptions& options, const GrpcSources& sources)
      : limits(options.limits),
        workers(options.worker_threads, options.limits.worker_queue_max),
        otlp(sources.ingest, sources.refusals),
        health(io, sources.ready),
        context{limits, methods, workers, std::make_shared<internal::ByteBudget>(limits.buffered_bytes_max),
                [this](std::string_view peer, std::string_view path, const internal::GrpcStatus& status) {
                  otlp.RecordRefused(peer, path, status);
                }},
        accept_strand(asio::make_strand(io)),
        slot_freed(accept_strand, asio::steady_timer::time_point::max()),
        work(asio::make_work_guard(io)) {
    CHECK(options.io_threads > 0);
    otlp.AddTo(methods, limits.message_bytes_max);
    health.AddTo(methods);
    reflection.AddTo(methods);
    for (int i = 0; i < options.io_threads; ++i) io_threads.emplace_back([this] { RunIo(); });
  }

  void RunIo();
  asio::awaitable<void> Accept();
  asio::awaitable<void> WaitForSlot();
  void Serve(tcp::socket socket);
  void Ended(const std::shared_ptr<Connection>& connection, const std::exception_ptr& error);
  void Stop(std::chrono::milliseconds grace);

  const GrpcLimits limits;
  asio::io_context io;
  internal::WorkerPool workers;
  internal::OtlpService otlp;
  internal::HealthService health;
  const internal::ReflectionService reflection;
  internal::GrpcMethods methods;  // constant once the threads run
  const internal::GrpcContext context;
  asio::strand<asio::io_context::executor_type> accept_strand;
  std::optional<tcp::acceptor> acceptor;  // accept_strand only
  asio::steady_timer slot_freed;          // accept_strand only; never expires, cancelled when a connection ends

  std::mutex mutex;
  std::condition_variable connection_ended;
  // Guarded by mutex.
  std::unordered_set<std::shared_ptr<Connection>> connections;
  bool stopping = false;

  std::once_flag stopped;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::jthread> io_threads;
};

void GrpcServer::Impl::RunIo() {
  while (!io.stopped()) {
    try {
      io.run();
    } catch (const std::exception& e) {
      spdlog::error("a gRPC thread caught: {}", e.what());
    }
  }
}

asio::awaitable<void> GrpcServer::Impl::Accept() {
  bool failing = false;  // told once, not with every attempt
  while (acceptor->is_open()) {
    auto [ec, socket] = co_await acceptor->async_accept(asio::any_io_executor(asio::make_strand(io)), kNoThrow);
    if (!acceptor->is_open()) co_return;
    if (ec) {
      if (!failing) spdlog::warn("cannot accept gRPC connections: {}", ec.message());
      failing = true;
      asio::steady_timer pause(accept_strand, kAcceptRetry);
      co_await pause.async_wait(kNoThrow);
      continue;
    }
    failing = false;
    co_await WaitForSlot();
    Serve(std::move(socket));
  }
}

// One accepted connection waits here, unserved; the rest stay in the kernel's queue.
asio::awaitable<void> GrpcServer::Impl::WaitForSlot() {
  while (true) {
    {
      const std::lock_guard lock(mutex);
      if (connections.size() < limits.connections_max || stopping) co_return;
    }
    co_await slot_freed.async_wait(kNoThrow);
  }
}

void GrpcServer::Impl::Serve(tcp::socket socket) {
  CloseOnExec(socket.native_handle());
  error_code ec;
  std::ignore = socket.set_option(tcp::no_delay(true), ec);  // without it answers are only slower
  const asio::any_io_executor strand = socket.get_executor();
  const auto connection = std::make_shared<Connection>(std::move(socket), context);
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    connections.insert(connection);
  }
  asio::co_spawn(
      strand, [connection] { return connection->Run(); },
      [this, connection](const std::exception_ptr& error) { Ended(connection, error); });
}

void GrpcServer::Impl::Ended(const std::shared_ptr<Connection>& connection, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("a gRPC connection ended early: {}", e.what());
    connection->Abort();
  }
  const std::lock_guard lock(mutex);
  connections.erase(connection);
  asio::post(accept_strand, [this] { slot_freed.cancel(); });
  connection_ended.notify_all();
}

void GrpcServer::Impl::Stop(std::chrono::milliseconds grace) {
  health.Stop();
  {
    std::unique_lock lock(mutex);
    stopping = true;
    asio::post(accept_strand, [this] {
      if (acceptor) acceptor->close();
      slot_freed.cancel();
    });
    for (const std::shared_ptr<Connection>& connection : connections) connection->FinishSoon();
    const auto none = [this] { return connections.empty(); };
    connection_ended.wait_for(lock, grace, none);
    for (const std::shared_ptr<Connection>& connection : connections) connection->Abort();
    connection_ended.wait(lock, none);
  }
  workers.Stop();
  io.stop();
  io_threads.clear();
}

GrpcServer::GrpcServer(const GrpcServerOptions& options, const GrpcSources& sources)
    : impl_(std::make_unique<Impl>(options, sources)) {}

GrpcServer::~GrpcServer() { Stop(std::chrono::milliseconds(0)); }

Result<std::string> GrpcServer::Listen(const std::string& host, std::uint16_t port) {
  ASSIGN_OR_RETURN(tcp::acceptor acceptor, Bind(impl_->accept_strand, host, port));
  std::string bound = boost::lexical_cast<std::string>(acceptor.local_endpoint());
  asio::post(impl_->accept_strand, [impl = impl_.get(), acceptor = std::move(acceptor)]() mutable {
    impl->acceptor = std::move(acceptor);
    asio::co_spawn(impl->accept_strand, impl->Accept(), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  });
  return bound;
}

void GrpcServer::Stop(std::chrono::milliseconds grace) {
  std::call_once(impl_->stopped, [&] { impl_->Stop(grace); });
}

}  // namespace nightjar::server
