#include "server/otlp_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.h"
#include "otlp/response.h"
#include "server/errors.h"
#include "server/remedies.h"

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

// google.rpc.Status in the request's encoding; JSON when that is not known. Text for a client that does not speak
// HTTP/1.
Response StatusResponse(const Request& request, const Refusal& refusal) {
  if (refusal.protocol != Protocol::kHttp1)
    return {.status = refusal.status,
            .content_type = "text/plain",
            .body = refusal.message + ": " + RemedyFor(request, refusal) + "\n",
            .headers = {}};
  const otlp::Encoding encoding = EncodingOf(request).value_or(otlp::Encoding::kJson);
  Response response = EncodedResponse(encoding, refusal.status,
                                      otlp::EncodeStatus(encoding, GrpcCode(refusal.status), refusal.message));
  if (refusal.status == 503) response.headers.push_back({"Retry-After", "1"});
  return response;
}

std::optional<otlp::Signal> SignalOf(std::string_view path) {
  const auto* const found = std::ranges::find(kPaths, path, [](const auto& entry) { return entry.first; });
  return found == std::end(kPaths) ? std::nullopt : std::optional(found->second);
}

class OtlpRoutes {
 public:
  explicit OtlpRoutes(OtlpSources sources) : sources_(std::move(sources)) {}

  void Export(otlp::Signal signal, const Request& request, const Respond& respond) const {
    const std::optional<otlp::Encoding> encoding = EncodingOf(request);
    if (!encoding) {
      const std::string reason =
          fmt::format("content-type \"{}\" is neither {} nor {}", request.header("content-type"), kProtobuf, kJson);
      return respond(RefuseUnread(request, {415, ReplaceInvalidUtf8(reason)}));
    }
    // The request lives as long as a copy of `respond` does.
    sources_.ingest.Accept(
        signal, *encoding, request.body, request.header("x-project-name"),
        [this, signal, &request, encoding = *encoding, respond](const Result<ingest::Acknowledgement>& answer) {
          respond(answer ? Acknowledge(signal, request, encoding, *answer)
                         : Refuse(request, {HttpStatus(answer.error().code), answer.error().message}));
        });
  }

  void Preflight(const Request& request, const Respond& respond) const {
    if (!CorsPolicy::IsPreflight(request)) return respond(RefuseUnread(request, {405, "this path takes POST"}));
    if (!sources_.cors.Allows(request.header("origin")))
      return respond(RefuseUnread(request, {403, "this origin is not in cors-allowed-origins"}));
    respond(sources_.cors.Preflight(request));
  }

  // Of a request that ingest has not seen.
  Response RefuseUnread(const Request& request, const Refusal& refusal) const {
    sources_.ingest.CountRefusal();
    return Refuse(request, refusal);
  }

 private:
  Response Refuse(const Request& request, const Refusal& refusal) const {
    Record(request, refusal.status, refusal.message, RemedyFor(request, refusal));
    Response response = StatusResponse(request, refusal);
    sources_.cors.AddHeaders(request, response);
    return response;
  }

  Response Acknowledge(otlp::Signal signal, const Request& request, otlp::Encoding encoding,
                       const ingest::Acknowledgement& answer) const {
    if (!answer.message.empty()) Record(request, 200, answer.message, RemedyFor(request, {200, answer.message}));
    if (answer.notice) Record(request, 200, answer.notice->reason, answer.notice->remedy);
    Response response =
        EncodedResponse(encoding, 200, otlp::EncodeExportResponse(signal, encoding, answer.rejected, answer.message));
    sources_.cors.AddHeaders(request, response);
    return response;
  }

  void Record(const Request& request, int status, const std::string& reason, std::string fix) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    sources_.refusals.Add({.time_unix_ns = static_cast<UnixNanos>(std::chrono::nanoseconds(now).count()),
                           .status = status,
                           .path = request.path,
                           .remote = request.remote_address,
                           .reason = reason,
                           .fix = std::move(fix),
                           .signal = SignalOf(request.path)});
  }

  const OtlpSources sources_;
};

// Another protocol, or a POST that found nothing, is most likely an exporter with an incomplete endpoint.
bool IsLikelyAnExporter(const Request& request, const Refusal& refusal) {
  if (refusal.protocol != Protocol::kHttp1) return true;
  return request.method == "POST" && !request.path.starts_with("/api/v1/");
}

}  // namespace

void AddOtlpRoutes(OtlpSources sources, Router& router) {
  const bool from_browsers = !sources.cors.empty();
  // Owned by the handlers, which share it.
  const auto routes = std::make_shared<const OtlpRoutes>(std::move(sources));
  for (const auto& [path, signal] : kPaths) {
    router.Add("POST", path, RunOn::kWorker, [routes, signal](const Request& request, const Respond& respond) {
      routes->Export(signal, request, respond);
    });
    if (!from_browsers) continue;
    router.Add("OPTIONS", path, RunOn::kIoThread,
               [routes](const Request& request, const Respond& respond) { routes->Preflight(request, respond); });
  }
  router.AddRefusal("/v1/", [routes](const Request& request, const Refusal& refusal) {
    return routes->RefuseUnread(request, refusal);
  });
  router.AddRefusal("", [routes](const Request& request, const Refusal& refusal) {
    return IsLikelyAnExporter(request, refusal) ? routes->RefuseUnread(request, refusal) : RefusalResponse(refusal);
  });
}

}  // namespace nightjar::server
