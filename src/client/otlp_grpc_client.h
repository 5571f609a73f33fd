// Sends OTLP/gRPC trace exports: the only place that knows gRPC's client side.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace nightjar::client {

// Thread-safe. Every call has ended before it is destroyed.
class OtlpGrpcClient {
 public:
  // HOST:PORT, without TLS. Connects with the first export.
  explicit OtlpGrpcClient(const std::string& address);
  ~OtlpGrpcClient();

  // The bytes of the response. kUnavailable and kResourceExhausted: the server asks to come back; other codes: it
  // refused.
  using Done = std::function<void(Result<std::string>)>;

  // Sends an ExportTraceServiceRequest; `project` goes along as x-project-name unless it is empty. `done` is called by
  // a thread of the library. `body` is needed only until the call returns.
  void Export(const std::string& body, const std::string& project, Done done);

  // The same, waiting for the answer.
  Result<std::string> ExportAndWait(const std::string& body, const std::string& project);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::client
