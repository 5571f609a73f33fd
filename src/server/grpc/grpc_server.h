// OTLP/gRPC: opentelemetry.proto.collector.trace.v1.TraceService/Export as a generic byte-buffer service, so that the
// same decoder serves both transports. Knows gRPC; nothing else in the program does.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "ingest/ingest.h"
#include "ingest/refusals.h"

namespace nightjar::server {

// Of one message, decompressed; larger ones get RESOURCE_EXHAUSTED, which clients do not retry.
constexpr int kGrpcMessageBytesMax = 64 << 20;
constexpr int kGrpcStreamsPerConnectionMax = 100;
constexpr int kGrpcHeaderBytesMax = 32 << 10;

class GrpcServer {
 public:
  // Listens; port 0 takes a free one. kAlreadyExists when the port is taken.
  // REQUIRES: `ingest` and `refusals` outlive the server.
  static Result<std::unique_ptr<GrpcServer>> Listen(const std::string& host, std::uint16_t port, ingest::Ingest& ingest,
                                                    ingest::RefusalLog& refusals);
  ~GrpcServer();

  [[nodiscard]] const std::string& address() const;  // "127.0.0.1:4317"

  // Refuses new calls, waits for those in flight up to `grace`, then cancels what is left.
  void Stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  explicit GrpcServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::server
