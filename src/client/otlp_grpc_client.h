// Sends OTLP/gRPC trace exports: unary calls over HTTP/2 without TLS, as the gRPC protocol has them on the wire
// (github.com/grpc/grpc, PROTOCOL-HTTP2.md).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace nightjar::client {

// Belongs to one thread. Keeps its connection open.
class OtlpGrpcClient {
 public:
  explicit OtlpGrpcClient(const std::string& address);  // HOST:PORT
  ~OtlpGrpcClient();
  OtlpGrpcClient(OtlpGrpcClient&&) noexcept;

  // Sends an ExportTraceServiceRequest and returns the bytes of the response; `project` goes along as x-project-name.
  // kUnavailable: no answer, or the server asks to come back; other codes: it refused.
  Result<std::string> Export(const std::string& body, const std::string& project);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::client
