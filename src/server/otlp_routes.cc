#include "server/otlp_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "otlp/response.h"
#include "server/errors.h"

namespace nightjar::server {
namespace {

constexpr std::string_view kProtobuf = "application/x-protobuf";
constexpr std::string_view kJson = "application/json";

constexpr std::pair<std::string_view, otlp::Signal> kPaths[] = {
    {"/v1/traces", otlp::Signal::kTraces},
    {"/v1/logs", otlp::Signal::kLogs},
    {"/v1/metrics", otlp::Signal::kMetrics},
};

// "application/json; charset=utf-8" → "application/json", without case.
std::string MediaType(const Request& request) {
  std::string_view type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  std::string lower(type);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// Nothing if the content-type is not one of OTLP.
std::optional<otlp::Encoding> EncodingOf(const Request& request) {
  const std::string type = MediaType(request);
  if (type == kProtobuf) return otlp::Encoding::kProtobuf;
  if (type == kJson) return otlp::Encoding::kJson;
  return std::nullopt;
}

Response EncodedResponse(otlp::Encoding encoding, int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = encoding == otlp::Encoding::kProtobuf ? kProtobuf : kJson;
  response.body = std::move(body);
  return response;
}

// google.rpc.Status in the request's encoding; JSON when that is not known.
Response StatusResponse(const Request& request, int status, std::string_view message) {
  const otlp::Encoding encoding = EncodingOf(request).value_or(otlp::Encoding::kJson);
  Response response = EncodedResponse(encoding, status, otlp::EncodeStatus(encoding, GrpcCode(status), message));
  if (status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

std::string FixFor(int status, const Request& request) {
  switch (status) {
    case 200: return "the rest was stored; correct the program or library that made what was rejected";
    case 400: return "check that the body is what its content-type says and that no proxy cuts it";
    case 405:
      if (std::ranges::any_of(kPaths, [&](const auto& entry) { return entry.first == request.path; }))
        return "use POST";
      [[fallthrough]];
    case 404: return "add /v1/traces, /v1/logs or /v1/metrics to the exporter's endpoint";
    case 413: return "send smaller batches (OTEL_BSP_MAX_EXPORT_BATCH_SIZE)";
    case 415: return "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json, with compression gzip or none";
    case 503: return "the client will send again; see the engine's state in /api/v1/status";
    default: return "";
  }
}

class OtlpRoutes {
 public:
  OtlpRoutes(ingest::Ingest& ingest, ingest::RefusalLog& refusals) : ingest_(ingest), refusals_(refusals) {}

  void Export(otlp::Signal signal, const Request& request, const Respond& respond) const {
    const std::optional<otlp::Encoding> encoding = EncodingOf(request);
    if (!encoding) {
      ingest_.CountRefusal();
      return respond(Refuse(
          request, 415,
          fmt::format("content-type \"{}\" is neither {} nor {}", request.header("content-type"), kProtobuf, kJson)));
    }
    // The request lives as long as a copy of `respond` does.
    ingest_.Accept(
        signal, *encoding, request.body, request.header("x-project-name"),
        [this, signal, &request, encoding = *encoding, respond](const Result<ingest::Acknowledgement>& answer) {
          respond(answer ? Acknowledge(signal, request, encoding, *answer)
                         : Refuse(request, HttpStatus(answer.error().code), answer.error().message));
        });
  }

  Response Refuse(const Request& request, int status, const std::string& message) const {
    Record(request, status, message);
    return StatusResponse(request, status, message);
  }

 private:
  Response Acknowledge(otlp::Signal signal, const Request& request, otlp::Encoding encoding,
                       const ingest::Acknowledgement& answer) const {
    if (!answer.message.empty()) Record(request, 200, answer.message);
    return EncodedResponse(encoding, 200,
                           otlp::EncodeExportResponse(signal, encoding, answer.rejected, answer.message));
  }

  void Record(const Request& request, int status, const std::string& reason) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    refusals_.Add({.time_unix_ns = static_cast<UnixNanos>(std::chrono::nanoseconds(now).count()),
                   .status = status,
                   .path = request.path,
                   .remote = request.remote_address,
                   .reason = reason,
                   .fix = FixFor(status, request)});
  }

  ingest::Ingest& ingest_;
  ingest::RefusalLog& refusals_;
};

}  // namespace

void AddOtlpRoutes(ingest::Ingest& ingest, ingest::RefusalLog& refusals, Router& router) {
  const OtlpRoutes routes(ingest, refusals);
  for (const auto& [path, signal] : kPaths)
    router.Add("POST", path, RunOn::kWorker, [routes, signal](const Request& request, const Respond& respond) {
      routes.Export(signal, request, respond);
    });
  router.AddRefusal("/v1/", [routes, &ingest](const Request& request, const Refusal& refusal) {
    ingest.CountRefusal();
    return routes.Refuse(request, refusal.status, refusal.message);
  });
  // Everything else answers as JSON; a POST that found nothing is most likely an exporter with an incomplete endpoint.
  router.AddRefusal("", [routes, &ingest](const Request& request, const Refusal& refusal) {
    if (request.method != "POST" || request.path.starts_with("/api/")) return RefusalResponse(refusal);
    ingest.CountRefusal();
    return routes.Refuse(request, refusal.status, refusal.message);
  });
}

}  // namespace nightjar::server
