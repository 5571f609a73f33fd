#include "server/grpc/internal/otlp_service.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "otlp/response.h"
#include "server/remedies.h"

namespace nightjar::server::internal {
namespace {

constexpr std::array<std::pair<std::string_view, otlp::Signal>, 3> kExports = {{
    {"/opentelemetry.proto.collector.trace.v1.TraceService/Export", otlp::Signal::kTraces},
    {"/opentelemetry.proto.collector.logs.v1.LogsService/Export", otlp::Signal::kLogs},
    {"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", otlp::Signal::kMetrics},
}};

std::optional<otlp::Signal> SignalOf(std::string_view path) {
  const auto* const found = std::ranges::find(kExports, path, &std::pair<std::string_view, otlp::Signal>::first);
  return found == kExports.end() ? std::nullopt : std::optional(found->second);
}

// The words of HTTP where the cause is the same.
std::string FixFor(int http_status, std::string_view path, const std::string& reason) {
  if (http_status == 405 || http_status == 415 || path.empty() || path.starts_with("/v1/")) {
    return "set OTEL_EXPORTER_OTLP_PROTOCOL to grpc and begin the endpoint with http://, or send OTLP over HTTP to "
           "4318";
  }
  switch (http_status) {
    case 400: return "check that the message is protobuf, compressed as grpc-encoding says, and that no proxy cuts it";
    case 501: return "send traces, logs or metrics, with OTEL_EXPORTER_OTLP_COMPRESSION set to gzip or none";
    case 504: return "the client will send again; raise OTEL_EXPORTER_OTLP_TIMEOUT, or send smaller batches";
    default: return RemedyFor({.method = "POST", .path = std::string(path)}, {http_status, reason});
  }
}

}  // namespace

void OtlpService::AddTo(GrpcMethods& methods, std::size_t message_bytes_max) {
  for (const auto& [path, signal] : kExports) {
    methods[std::string(path)] = {.shape = CallShape::kUnary,
                                  .where = CallRunsOn::kWorker,
                                  .message_bytes_max = message_bytes_max,
                                  .handle = [this, signal](const std::shared_ptr<Call>& call, std::string message) {
                                    Export(signal, call, message);
                                  }};
  }
}

void OtlpService::Export(otlp::Signal signal, const std::shared_ptr<Call>& call, const std::string& message) {
  if (call->ended()) return;  // its time was over before its turn came; the client sends it again
  ingest_.Accept(signal, otlp::Encoding::kProtobuf, message, call->metadata("x-project-name"),
                 [this, signal, call](const Result<ingest::Acknowledgement>& answer) {
                   if (!answer) {
                     const GrpcStatus status = ToGrpcStatus(answer.error());
                     Record(*call, status.http_status, status.message);
                     return call->Finish(status);
                   }
                   if (!answer->message.empty()) Record(*call, 200, answer->message);
                   if (answer->notice)
                     Record(call->peer, call->path, 200, answer->notice->reason, answer->notice->remedy);
                   call->SendAndFinish(otlp::EncodeExportResponse(signal, otlp::Encoding::kProtobuf, answer->rejected,
                                                                  answer->message));
                 });
}

void OtlpService::RecordRefused(std::string_view peer, std::string_view path, const GrpcStatus& status) {
  if (path.starts_with("/grpc.")) return;  // not ingest
  ingest_.CountRefusal();
  Record(peer, path, status.http_status, status.message, FixFor(status.http_status, path, status.message));
}

void OtlpService::Record(const Call& call, int http_status, const std::string& reason) {
  Record(call.peer, call.path, http_status, reason, FixFor(http_status, call.path, reason));
}

void OtlpService::Record(std::string_view peer, std::string_view path, int http_status, std::string reason,
                         std::string fix) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  refusals_.Add({.time_unix_ns = static_cast<UnixNanos>(std::chrono::nanoseconds(now).count()),
                 .status = http_status,
                 .path = std::string(path),
                 .remote = std::string(peer),
                 .reason = std::move(reason),
                 .fix = std::move(fix),
                 .signal = SignalOf(path)});
}

}  // namespace nightjar::server::internal
