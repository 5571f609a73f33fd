// Accepts connections and serves up to so many at a time; further ones wait in the kernel's queue. When all places are
// taken, the connection that has had nothing to do for the longest time gives way, if that is a second or more: what
// was just opened, or just answered, may be about to send.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/net/served_connection.h"

namespace nightjar::server::internal {

// Thread-safe.
class Listener {
 public:
  // What is spoken over the socket, whose executor is a strand. Called by one thread at a time.
  using Open = std::function<std::shared_ptr<ServedConnection>(boost::asio::ip::tcp::socket)>;

  // Starts the I/O threads.
  Listener(int io_threads, std::size_t connections_max, Open open);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] boost::asio::io_context& io();

  // Binds and begins to accept. Port 0 takes a free one. Returns the bound "host:port". `host` is an address
  // ("127.0.0.1", "::1") or a name that has an IPv4 address. kAlreadyExists: the port is taken; kPermissionDenied: it
  // is reserved; kInvalidArgument: `host` is no address of this machine.
  Result<std::string> Listen(const std::string& host, std::uint16_t port);

  // Stops accepting, waits for what is in work up to `grace`, then closes what is left.
  void Drain(std::chrono::milliseconds grace);
  // Ends the I/O threads. REQUIRES: Drain() was called
  void StopIo();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::server::internal
