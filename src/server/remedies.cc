#include "server/remedies.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace nightjar::server {
namespace {

constexpr std::string_view kUseGrpcPort =
    "gRPC on the HTTP port: use 4317 (--grpc-port), or set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf";
constexpr std::array<std::string_view, 3> kPaths = {"/v1/traces", "/v1/logs", "/v1/metrics"};

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// For a path at which nothing is.
std::string PathRemedy(std::string_view path) {
  if (path.starts_with("/opentelemetry.proto.collector.")) return std::string(kUseGrpcPort);
  if (path == "/api/v2/spans" || path == "/api/v1/spans") return "this is Zipkin's path: export OTLP to /v1/traces";
  if (path == "/api/traces") return "this is Jaeger's path: export OTLP to /v1/traces";
  for (const std::string_view known : kPaths) {
    const std::string text(known);
    if (path == text + "/") return "remove the slash at the end";
    if (path == text + text) return "remove " + text + " from OTEL_EXPORTER_OTLP_ENDPOINT: exporters add it themselves";
    if (path.ends_with(known)) return "send to " + text + ", without what is before it";
  }
  return "add /v1/traces, /v1/logs or /v1/metrics to the exporter's endpoint";
}

std::string MediaRemedy(const Request& request, std::string_view reason) {
  if (request.header("content-type").starts_with("application/grpc")) return std::string(kUseGrpcPort);
  if (Contains(reason, "content-encoding")) return "set OTEL_EXPORTER_OTLP_COMPRESSION to gzip or none";
  return "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json";
}

}  // namespace

std::string RemedyFor(const Request& request, const Refusal& refusal) {
  if (refusal.protocol == Protocol::kHttp2) return std::string(kUseGrpcPort);
  if (refusal.protocol == Protocol::kTls)
    return "https:// on a plain port: begin the exporter's endpoint with http://, or put a proxy with TLS in front";
  if (Contains(refusal.message, "enum names are not OTLP/JSON"))
    return "enum names are not OTLP/JSON: send numbers, such as \"kind\": 3";
  const std::string_view origin = request.header("origin");
  if (request.method == "OPTIONS" && !origin.empty())
    return "add " + std::string(origin) + " to --cors-allowed-origins";
  switch (refusal.status) {
    case 200: return "the rest was stored; correct the program or library that made what was rejected";
    case 400: return "check that the body is what its content-type says and that no proxy cuts it";
    case 404: return PathRemedy(request.path);
    case 405: return "use POST";
    case 413: return "send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE), or raise --max-body-bytes";
    case 415: return MediaRemedy(request, refusal.message);
    case 431: return "send fewer or shorter headers, or raise --max-header-bytes";
    case 503: return "the client will send again; see engine, journal and disk in /api/v1/status";
    default: return "";
  }
}

}  // namespace nightjar::server
