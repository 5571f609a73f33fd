// The gRPC listener: OTLP's three Export methods, health (grpc.health.v1) and reflection (grpc.reflection.v1, v1alpha).
// HTTP/2 is nghttp2's; gRPC's framing, its limits and its answers are ours (docs/adr/0010-grpc-on-nghttp2.md).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "ingest/ingest.h"
#include "ingest/refusals.h"

namespace nightjar::server {

// Every limit has a number; the documentation repeats them (docs/guide/limits.md).
struct GrpcLimits {
  std::size_t message_bytes_max = 64 << 20;    // RESOURCE_EXHAUSTED above, compressed or not
  std::size_t buffered_bytes_max = 512 << 20;  // metadata and messages held by all calls; UNAVAILABLE above
  std::size_t metadata_bytes_max = 32 << 10;   // of one call, as RFC 9113 6.5.2 counts; RESOURCE_EXHAUSTED above
  std::uint32_t streams_max = 100;             // of one connection; further ones wait at the client, or are reset
  std::size_t connections_max = 1024;          // the longest idle one gives way, or further ones wait
  std::size_t worker_queue_max = 256;          // messages that wait for a worker; UNAVAILABLE above
  // Over any of these up to the timeouts, and over four times metadata_bytes_max, the connection ends with
  // GOAWAY(ENHANCE_YOUR_CALM).
  // PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty DATA, and streams that the server resets: a connection may begin
  // with so many, and gets so many more each second and with each answered call.
  double control_frames_burst = 1000;
  double control_frames_per_second = 100;
  double control_frames_per_call = 4;
  double client_resets_burst = 1000;  // streams that the client resets, at once
  double client_resets_per_second = 33;
  std::size_t continuations_max = 8;           // CONTINUATION frames of one header block
  std::size_t settings_entries_max = 32;       // of one SETTINGS frame
  std::size_t answers_waiting_max = 1000;      // to PING and SETTINGS, while the client does not take them
  std::chrono::seconds handshake_timeout{10};  // until the client's SETTINGS
  std::chrono::seconds message_timeout{30};    // from a call's first byte to the end of its message; DEADLINE_EXCEEDED
  std::chrono::seconds write_timeout{30};      // for 64 KiB, or for a finished answer to be taken
  std::chrono::seconds idle_timeout{300};      // without a call: GOAWAY
  std::chrono::seconds keepalive_after{120};   // with calls, but silent: a PING
  std::chrono::seconds keepalive_timeout{20};  // for its answer
};

struct GrpcServerOptions {
  int io_threads = 2;
  int worker_threads = 4;
  GrpcLimits limits;
};

// What the services call. All references outlive the server.
struct GrpcSources {
  ingest::Ingest& ingest;
  ingest::RefusalLog& refusals;
  std::function<Result<void>()> ready;  // as /readyz; must not block
};

// Thread-safe.
class GrpcServer {
 public:
  GrpcServer(const GrpcServerOptions& options, const GrpcSources& sources);
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  // Binds and begins to accept. Port 0 takes a free one. Returns the bound "host:port". `host` is an address or a name
  // that has an IPv4 address. kAlreadyExists: the port is taken. REQUIRES: called once.
  Result<std::string> Listen(const std::string& host, std::uint16_t port);

  // Refuses new calls, waits for those in flight up to `grace`, then cancels what is left. Later calls do nothing; the
  // destructor calls Stop(0).
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::server
