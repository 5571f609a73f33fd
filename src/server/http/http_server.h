// The HTTP/1.1 listener: accepts, reads within limits, undoes content-encoding, routes, writes. Knows no route itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/http/router.h"

namespace nightjar::server {

// Every limit has a number; the documentation repeats them (docs/limits.md).
struct HttpLimits {
  std::size_t header_bytes_max = 32 << 10;              // 431 above
  std::size_t body_bytes_max = 64 << 20;                // 413 above, compressed or not
  std::size_t connections_max = 1024;                   // further ones wait in the kernel's queue
  std::size_t buffered_bytes_max = 512 << 20;           // request bytes held by all connections; 503 above
  std::chrono::seconds header_timeout{10};
  std::chrono::seconds body_timeout{30};
  std::chrono::seconds idle_timeout{75};
  std::chrono::seconds write_timeout{30};
};

struct HttpServerOptions {
  int io_threads = 2;
  int worker_threads = 8;
  HttpLimits limits;
};

// Content-encodings understood in requests: identity, gzip. Responses are sent as the handler made them.
class HttpServer {
 public:
  // REQUIRES: `router` outlives the server and does not change any more.
  HttpServer(HttpServerOptions options, const Router& router);
  ~HttpServer();

  // Binds and begins to accept. Port 0 takes a free one. Returns the bound "host:port". Several listeners may share the
  // router. kAlreadyExists when the port is taken, with a sentence that says so.
  Result<std::string> Listen(const std::string& host, std::uint16_t port);

  // Stops accepting, waits for requests in flight up to `grace`, then closes what is left.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::server
