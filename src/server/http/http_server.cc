#include "server/http/http_server.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
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
#include <list>
#include <mutex>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "server/http/internal/session.h"

namespace nightjar::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using internal::Session;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptRetry{200};  // after a failure such as "too many open files"

Result<tcp::endpoint> Resolve(asio::io_context& io, const std::string& host, std::uint16_t port) {
  error_code ec;
  const asio::ip::address address = asio::ip::make_address(host, ec);
  if (!ec) return tcp::endpoint(address, port);
  const auto resolved = tcp::resolver(io).resolve(tcp::v4(), host, std::to_string(port), ec);
  if (ec || host.empty()) return Fail(ErrorCode::kInvalidArgument, "cannot listen on host \"" + host + "\"");
  return resolved.begin()->endpoint();
}

Error ListenError(const tcp::endpoint& endpoint, const error_code& ec) {
  const std::string where = boost::lexical_cast<std::string>(endpoint);
  if (ec == asio::error::address_in_use) return {ErrorCode::kAlreadyExists, where + " is already in use"};
  const std::string message = "cannot listen on " + where + ": " + ec.message();
  if (ec == asio::error::access_denied) return {ErrorCode::kPermissionDenied, message};
  if (ec == boost::system::errc::address_not_available) return {ErrorCode::kInvalidArgument, message};
  return {ErrorCode::kUnavailable, message};
}

Result<tcp::acceptor> Bind(const asio::any_io_executor& executor, const tcp::endpoint& endpoint) {
  tcp::acceptor acceptor(executor);
  try {
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
  } catch (const boost::system::system_error& e) {
    return Fail(ListenError(endpoint, e.code()));
  }
  return acceptor;
}

// The engine child must not inherit our sockets: they would outlive this process.
void CloseOnExec(int socket) { CHECK(fcntl(socket, F_SETFD, FD_CLOEXEC) == 0); }

}  // namespace

struct HttpServer::Impl {
  Impl(const HttpServerOptions& options, const Router& router)
      : limits(options.limits),
        workers(options.worker_threads, options.limits.worker_queue_max),
        readers(options.reader_threads, options.limits.worker_queue_max),
        context{limits, router, workers, readers,
                std::make_shared<internal::ByteBudget>(options.limits.buffered_bytes_max)},
        accept_strand(asio::make_strand(io)),
        slot_freed(accept_strand, asio::steady_timer::time_point::max()),
        work(asio::make_work_guard(io)) {
    CHECK(options.io_threads > 0);
    for (int i = 0; i < options.io_threads; ++i) io_threads.emplace_back([this] { RunIo(); });
  }

  void RunIo();

  Result<std::string> Listen(const std::string& host, std::uint16_t port);
  asio::awaitable<void> Accept(tcp::acceptor& acceptor);
  asio::awaitable<void> WaitForSlot();
  void Serve(tcp::socket socket);
  void Ended(const std::shared_ptr<Session>& session, const std::exception_ptr& error);
  void Stop(std::chrono::milliseconds grace);

  const HttpLimits limits;
  internal::WorkerPool workers;
  internal::WorkerPool readers;
  const internal::SessionContext context;
  asio::io_context io;
  asio::strand<asio::io_context::executor_type> accept_strand;
  std::list<tcp::acceptor> acceptors;  // accept_strand only
  asio::steady_timer slot_freed;       // accept_strand only; never expires, cancelled when a connection ends

  std::mutex mutex;
  std::condition_variable session_ended;
  // Guarded by mutex.
  std::unordered_set<std::shared_ptr<Session>> sessions;
  bool stopping = false;

  std::once_flag stopped;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::jthread> io_threads;
};

void HttpServer::Impl::RunIo() {
  while (!io.stopped()) {
    try {
      io.run();
    } catch (const std::exception& e) {
      spdlog::error("an I/O thread caught: {}", e.what());
    }
  }
}

Result<std::string> HttpServer::Impl::Listen(const std::string& host, std::uint16_t port) {
  {
    const std::lock_guard lock(mutex);
    if (stopping) return Fail(ErrorCode::kFailedPrecondition, "the server was stopped");
  }
  ASSIGN_OR_RETURN(const tcp::endpoint endpoint, Resolve(io, host, port));
  ASSIGN_OR_RETURN(tcp::acceptor acceptor, Bind(accept_strand, endpoint));
  CloseOnExec(acceptor.native_handle());
  std::string bound = boost::lexical_cast<std::string>(acceptor.local_endpoint());
  asio::post(accept_strand, [this, acceptor = std::move(acceptor)]() mutable {
    {
      const std::lock_guard lock(mutex);
      if (stopping) return;
    }
    tcp::acceptor& kept = acceptors.emplace_back(std::move(acceptor));
    asio::co_spawn(accept_strand, Accept(kept), [](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  });
  return bound;
}

asio::awaitable<void> HttpServer::Impl::Accept(tcp::acceptor& acceptor) {
  bool failing = false;  // told once, not with every attempt
  while (acceptor.is_open()) {
    auto [ec, socket] = co_await acceptor.async_accept(asio::any_io_executor(asio::make_strand(io)), kNoThrow);
    if (!acceptor.is_open()) co_return;
    if (ec) {
      if (!failing) spdlog::warn("cannot accept connections: {}", ec.message());
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

// Up to one accepted connection for each listener waits here, unserved; the rest stay in the kernel's queue.
asio::awaitable<void> HttpServer::Impl::WaitForSlot() {
  while (true) {
    {
      const std::lock_guard lock(mutex);
      if (sessions.size() < limits.connections_max || stopping) co_return;
    }
    co_await slot_freed.async_wait(kNoThrow);
  }
}

void HttpServer::Impl::Serve(tcp::socket socket) {
  CloseOnExec(socket.native_handle());
  error_code ec;
  std::ignore = socket.set_option(tcp::no_delay(true), ec);  // without it answers are only slower
  const asio::any_io_executor strand = socket.get_executor();
  const auto session = std::make_shared<Session>(std::move(socket), context);
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    sessions.insert(session);
  }
  asio::co_spawn(
      strand, [session] { return session->Run(); },
      [this, session](const std::exception_ptr& error) { Ended(session, error); });
}

void HttpServer::Impl::Ended(const std::shared_ptr<Session>& session, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("a connection ended early: {}", e.what());
    session->Abort();
  }
  const std::lock_guard lock(mutex);
  sessions.erase(session);
  asio::post(accept_strand, [this] { slot_freed.cancel(); });
  session_ended.notify_all();
}

void HttpServer::Impl::Stop(std::chrono::milliseconds grace) {
  {
    std::unique_lock lock(mutex);
    stopping = true;
    asio::post(accept_strand, [this] {
      for (tcp::acceptor& acceptor : acceptors) acceptor.close();
      slot_freed.cancel();
    });
    for (const std::shared_ptr<Session>& session : sessions) session->FinishSoon();
    const auto none = [this] { return sessions.empty(); };
    session_ended.wait_for(lock, grace, none);
    for (const std::shared_ptr<Session>& session : sessions) session->Abort();
    session_ended.wait(lock, none);
  }
  workers.Stop();
  readers.Stop();
  io.stop();
  io_threads.clear();
}

HttpServer::HttpServer(HttpServerOptions options, const Router& router)
    : impl_(std::make_unique<Impl>(options, router)) {}

HttpServer::~HttpServer() { Stop(std::chrono::milliseconds(0)); }

Result<std::string> HttpServer::Listen(const std::string& host, std::uint16_t port) {
  return impl_->Listen(host, port);
}

void HttpServer::Stop(std::chrono::milliseconds grace) {
  std::call_once(impl_->stopped, [&] { impl_->Stop(grace); });
}

}  // namespace nightjar::server
