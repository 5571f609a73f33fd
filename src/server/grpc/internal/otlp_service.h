// OTLP/gRPC: opentelemetry.proto.collector.{trace,logs,metrics}.v1.*Service/Export.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ingest/ingest.h"
#include "ingest/refusals.h"
#include "server/grpc/internal/call.h"
#include "server/grpc/internal/status.h"

namespace nightjar::server::internal {

// Thread-safe.
class OtlpService {
 public:
  // REQUIRES: both outlive the service and its calls.
  OtlpService(ingest::Ingest& ingest, ingest::RefusalLog& refusals) : ingest_(ingest), refusals_(refusals) {}

  // REQUIRES: the service outlives `methods`.
  void AddTo(GrpcMethods& methods, std::size_t message_bytes_max);

  // For a request that no method saw: counts it and records what to do. `path` may be empty.
  void RecordRefused(std::string_view peer, std::string_view path, const GrpcStatus& status);

 private:
  void Export(otlp::Signal signal, const std::shared_ptr<Call>& call, const std::string& message);
  void Record(const Call& call, int http_status, const std::string& reason);
  void Record(std::string_view peer, std::string_view path, int http_status, std::string reason, std::string fix);

  ingest::Ingest& ingest_;
  ingest::RefusalLog& refusals_;
};

}  // namespace nightjar::server::internal
