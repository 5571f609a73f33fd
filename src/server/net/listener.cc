#include "server/net/listener.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/lexical_cast.hpp>
#include <boost/system/system_error.hpp>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <list>
#include <mutex>
#include <new>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/check.h"

namespace nightjar::server::internal {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptRetry{200};  // after a failure such as "too many open files"
constexpr std::chrono::seconds kIdleMin{1};             // of a connection that gives way

constexpr std::size_t kStrands = 256;

using Clock = ServedConnection::Clock;
using Strand = asio::strand<asio::io_context::executor_type>;

std::vector<Strand> MakeStrands(asio::io_context& io) {
  std::vector<Strand> strands;
  while (strands.size() < kStrands) strands.push_back(asio::make_strand(io));
  return strands;
}

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

struct Listener::Impl {
  Impl(int io_thread_count, std::size_t connection_count_max, Open open_connection)
      : connections_max(connection_count_max),
        open(std::move(open_connection)),
        strands(MakeStrands(io)),
        accept_strand(asio::make_strand(io)),
        slot_freed(accept_strand, asio::steady_timer::time_point::max()),
        work(asio::make_work_guard(io)) {
    CHECK(io_thread_count > 0);
    for (int i = 0; i < io_thread_count; ++i) io_threads.emplace_back([this] { RunIo(); });
  }

  void RunIo();
  Result<std::string> Listen(const std::string& host, std::uint16_t port);
  asio::awaitable<void> Accept(tcp::acceptor& acceptor);
  asio::awaitable<void> WaitForSlot();
  Clock::time_point AskTheLongestIdle();
  void Serve(tcp::socket socket);
  void Ended(const std::shared_ptr<ServedConnection>& connection, const std::exception_ptr& error);
  void LookAgain();
  void Drain(std::chrono::milliseconds grace);

  const std::size_t connections_max;
  const Open open;
  asio::io_context io;
  // Connections share them in turn. None is made later: where memory for it is missing, Asio crashes, since the
  // half-made strand is destroyed as if it were whole.
  const std::vector<Strand> strands;
  std::size_t next_strand = 0;  // accept_strand only
  Strand accept_strand;
  std::list<tcp::acceptor> acceptors;  // accept_strand only
  asio::steady_timer slot_freed;       // accept_strand only; cancelled when there may be a place
  std::atomic<int> waiting = 0;        // accepted sockets without a place

  std::mutex mutex;
  std::condition_variable connection_ended;
  // Guarded by mutex.
  std::unordered_set<std::shared_ptr<ServedConnection>> connections;
  std::shared_ptr<ServedConnection> asked;  // to give way; one of them
  bool stopping = false;

  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::vector<std::jthread> io_threads;
};

// What arrives here, such as want of memory while an operation begins, has destroyed the coroutine that began it:
// nobody would accept again, or a connection would never end. A restart loses nothing that was acknowledged.
void Listener::Impl::RunIo() {
  try {
    io.run();
  } catch (const std::exception& e) {
    spdlog::critical("an I/O thread cannot go on: {}", e.what());
    std::abort();
  }
}

Result<std::string> Listener::Impl::Listen(const std::string& host, std::uint16_t port) {
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

asio::awaitable<void> Listener::Impl::Accept(tcp::acceptor& acceptor) {
  bool failing = false;  // told once, not with every attempt
  while (acceptor.is_open()) {
    auto [ec, socket] =
        co_await acceptor.async_accept(asio::any_io_executor(strands[next_strand++ % kStrands]), kNoThrow);
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
    try {
      Serve(std::move(socket));
    } catch (const std::bad_alloc&) {
      spdlog::error("a connection was closed: out of memory");
    }
  }
}

// Up to one accepted connection for each acceptor waits here, unserved; the rest stay in the kernel's queue.
asio::awaitable<void> Listener::Impl::WaitForSlot() {
  ++waiting;
  while (true) {
    Clock::time_point look_again;
    {
      const std::lock_guard lock(mutex);
      if (connections.size() < connections_max || stopping) break;
      look_again = AskTheLongestIdle();
    }
    if (slot_freed.expiry() != look_again) slot_freed.expires_at(look_again);  // wakes who waits for another time
    co_await slot_freed.async_wait(kNoThrow);
  }
  --waiting;
}

// Returns when there may be one to ask. REQUIRES: mutex is held
Clock::time_point Listener::Impl::AskTheLongestIdle() {
  if (asked && asked->idle_since()) return Clock::time_point::max();  // it is about to end, or to refuse
  asked = nullptr;
  std::shared_ptr<ServedConnection> longest;
  Clock::time_point longest_since = Clock::time_point::max();
  for (const std::shared_ptr<ServedConnection>& connection : connections) {
    const Clock::time_point since = connection->idle_since().value_or(Clock::time_point::max());
    if (since >= longest_since) continue;
    longest_since = since;
    longest = connection;
  }
  if (!longest) return Clock::time_point::max();
  if (longest_since + kIdleMin > Clock::now()) return longest_since + kIdleMin;
  asked = longest;
  asked->GiveWay();
  return Clock::time_point::max();
}

void Listener::Impl::Serve(tcp::socket socket) {
  CloseOnExec(socket.native_handle());
  error_code ec;
  std::ignore = socket.set_option(tcp::no_delay(true), ec);  // without it answers are only slower
  const asio::any_io_executor strand = socket.get_executor();
  const std::shared_ptr<ServedConnection> connection = open(std::move(socket));
  connection->OnIdle([this] { LookAgain(); });
  {
    const std::lock_guard lock(mutex);
    if (stopping) return;
    connections.insert(connection);
  }
  try {
    asio::co_spawn(
        strand, [connection] { return connection->Run(); },
        [this, connection](const std::exception_ptr& error) { Ended(connection, error); });
  } catch (...) {
    const std::lock_guard lock(mutex);
    connections.erase(connection);
    throw;
  }
}

void Listener::Impl::Ended(const std::shared_ptr<ServedConnection>& connection, const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const std::exception& e) {
    spdlog::error("a connection ended early: {}", e.what());
    connection->Abort();
  }
  const std::lock_guard lock(mutex);
  connections.erase(connection);
  if (asked == connection) asked = nullptr;
  LookAgain();
  connection_ended.notify_all();
}

void Listener::Impl::LookAgain() {
  if (waiting > 0) asio::post(accept_strand, [this] { slot_freed.cancel(); });
}

void Listener::Impl::Drain(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex);
  stopping = true;
  asio::post(accept_strand, [this] {
    for (tcp::acceptor& acceptor : acceptors) acceptor.close();
    slot_freed.cancel();
  });
  for (const std::shared_ptr<ServedConnection>& connection : connections) connection->FinishSoon();
  const auto none = [this] { return connections.empty(); };
  connection_ended.wait_for(lock, grace, none);
  for (const std::shared_ptr<ServedConnection>& connection : connections) connection->Abort();
  connection_ended.wait(lock, none);
}

Listener::Listener(int io_threads, std::size_t connections_max, Open open)
    : impl_(std::make_unique<Impl>(io_threads, connections_max, std::move(open))) {}

Listener::~Listener() = default;

asio::io_context& Listener::io() { return impl_->io; }

Result<std::string> Listener::Listen(const std::string& host, std::uint16_t port) { return impl_->Listen(host, port); }

void Listener::Drain(std::chrono::milliseconds grace) { impl_->Drain(grace); }

void Listener::StopIo() {
  impl_->io.stop();
  impl_->io_threads.clear();
}

}  // namespace nightjar::server::internal
