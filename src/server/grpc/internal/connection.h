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
#include "server/net/served_connection.h"

namespace nightjar::server::internal {

class Connection : public ServedConnection {
 public:
  // REQUIRES: `context` outlives the connection.
  Connection(boost::asio::ip::tcp::socket socket, const GrpcContext& context);

  boost::asio::awaitable<void> Run() override;
  void FinishSoon() override;
  void Abort() override;
  void GiveWay() override;

 private:
  std::shared_ptr<Connection> Self() { return std::static_pointer_cast<Connection>(shared_from_this()); }
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
