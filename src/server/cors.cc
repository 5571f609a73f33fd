#include "server/cors.h"

#include <algorithm>

namespace nightjar::server {
namespace {

// What exporters set, and what instrumented pages add to every request. "*" would not cover authorization.
constexpr std::string_view kHeaders =
    "authorization, baggage, content-encoding, content-type, traceparent, tracestate, x-project-name";
constexpr std::string_view kMaxAgeSeconds = "7200";  // the most that Chromium honours

}  // namespace

bool CorsPolicy::AllowsAll() const { return std::ranges::find(allowed_origins_, "*") != allowed_origins_.end(); }

bool CorsPolicy::Allows(std::string_view origin) const {
  return !origin.empty() && (AllowsAll() || std::ranges::find(allowed_origins_, origin) != allowed_origins_.end());
}

void CorsPolicy::AddHeaders(const Request& request, Response& response) const {
  if (allowed_origins_.empty()) return;
  if (!AllowsAll()) response.headers.push_back({"Vary", "Origin"});
  const std::string_view origin = request.header("origin");
  if (!Allows(origin)) return;
  response.headers.push_back({"Access-Control-Allow-Origin", AllowsAll() ? "*" : std::string(origin)});
  response.headers.push_back({"Access-Control-Expose-Headers", "Retry-After"});
}

bool CorsPolicy::IsPreflight(const Request& request) {
  return request.method == "OPTIONS" && !request.header("origin").empty() &&
         !request.header("access-control-request-method").empty();
}

Response CorsPolicy::Preflight(const Request& request) const {
  Response response{.status = 204, .content_type = "", .body = "", .headers = {}};
  AddHeaders(request, response);
  response.headers.push_back({"Access-Control-Allow-Methods", "POST"});
  response.headers.push_back({"Access-Control-Allow-Headers", std::string(kHeaders)});
  response.headers.push_back({"Access-Control-Max-Age", std::string(kMaxAgeSeconds)});
  return response;
}

}  // namespace nightjar::server
