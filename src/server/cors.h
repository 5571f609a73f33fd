// Cross-origin requests (https://fetch.spec.whatwg.org/#http-cors-protocol): which web pages may send OTLP from a
// browser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/http/http.h"

namespace nightjar::server {

class CorsPolicy {
 public:
  // Exact origins ("https://app.example"), or "*" for all. Empty: none.
  explicit CorsPolicy(std::vector<std::string> allowed_origins) : allowed_origins_(std::move(allowed_origins)) {}

  [[nodiscard]] bool empty() const { return allowed_origins_.empty(); }

  // For every answer of a path that browsers may use, refusals too: without it a page cannot read why it was refused.
  void AddHeaders(const Request& request, Response& response) const;

  // An OPTIONS request with which a browser asks before it sends.
  [[nodiscard]] static bool IsPreflight(const Request& request);
  // REQUIRES: IsPreflight(request) and Allows(its Origin)
  [[nodiscard]] Response Preflight(const Request& request) const;

  [[nodiscard]] bool Allows(std::string_view origin) const;

 private:
  [[nodiscard]] bool AllowsAll() const;

  std::vector<std::string> allowed_origins_;
};

}  // namespace nightjar::server
