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

// Every limit has a number; the documentation repeats them (docs/guide/limits.md).
struct HttpLimits {
  std::size_t header_bytes_max = 32 << 10;     // request line and headers; 431 above
  std::size_t body_bytes_max = 64 << 20;       // 413 above, compressed or not
  std::size_t connections_max = 1024;          // the longest idle one gives way, or further ones wait
  std::size_t buffered_bytes_max = 512 << 20;  // body bytes held by all requests; 503 above
  std::size_t worker_queue_max = 256;          // requests that wait for a worker, or for a reader; 503 above
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);   // until the first byte of a request
  std::chrono::milliseconds write_timeout = std::chrono::seconds(30);  // for each MiB of an answer
};

struct HttpServerOptions {
  int io_threads = 2;
  int worker_threads = 8;
  int reader_threads = 8;  // as many questions as the engine takes at a time
  HttpLimits limits;
};

// Content-encodings understood in requests: identity, gzip, deflate, zstd. Responses are sent as the handler made them.
// Thread-safe.
class HttpServer {
 public:
  // REQUIRES: `router` outlives the server and does not change any more.
  HttpServer(HttpServerOptions options, const Router& router);
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds and begins to accept. Port 0 takes a free one. Returns the bound "host:port". Several listeners may share the
  // router. `host` is an address ("127.0.0.1", "::1") or a name that has an IPv4 address. kAlreadyExists: the port is
  // taken; kPermissionDenied: it is reserved; kInvalidArgument: `host` is no address of this machine.
  Result<std::string> Listen(const std::string& host, std::uint16_t port);

  // Stops accepting, waits for requests in flight up to `grace`, then closes what is left and waits for handlers that
  // still run on a worker. Later calls do nothing; the destructor calls Stop(0).
  // REQUIRES: not called by a handler.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::server
