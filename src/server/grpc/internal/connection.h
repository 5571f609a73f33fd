// One socket of the gRPC port: reads, writes, and watches the clock for an H2Session. A client that does not speak
// HTTP/2 is told so.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/grpc/internal/h2_session.h"

namespace nightjar::server::internal {

// Owned by the server until Run() has ended, and by the operations in flight. Everything runs on the socket's strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // REQUIRES: `context` outlives the connection.
  Connection(boost::asio::ip::tcp::socket socket, const GrpcContext& context);

  // REQUIRES: called once, on the strand; the caller holds the connection until it ends.
  boost::asio::awaitable<void> Run();

  // Thread-safe. Takes no further calls, closes after the answers to those in flight.
  void FinishSoon();
  // Thread-safe. Closes the connection.
  void Abort();

 private:
  using Clock = H2Session::Clock;

  boost::asio::awaitable<std::string_view> Read();
  boost::asio::awaitable<void> TurnAway(std::string_view received);
  void Flush();
  void WatchClock();
  void CheckClock(Clock::time_point now);
  void Close();

  const GrpcContext& context_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer tick_;
  boost::asio::steady_timer written_;  // never expires; cancelled after each write
  const std::string peer_;
  std::unique_ptr<H2Session> h2_;  // once the client has begun as HTTP/2 does
  std::array<char, 16 << 10> in_;
  std::string out_;  // what is being written
  bool open_ = true;
  bool writing_ = false;
  bool finishing_ = false;
  bool pinged_ = false;
  Clock::time_point opened_ = Clock::now();
  Clock::time_point received_ = opened_;       // the last bytes
  Clock::time_point called_ = opened_;         // the last time there was a call
  Clock::time_point write_started_ = opened_;  // of what is being written
};

}  // namespace nightjar::server::internal
