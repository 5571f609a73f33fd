#include "server/http/internal/admission.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace nightjar::server::internal {
namespace {

std::vector<std::string_view> ValuesOf(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Header& header : request.headers) {
    if (EqualsIgnoringCase(header.name, name)) values.push_back(header.value);
  }
  return values;
}

Refused BadFraming(int status, std::string message) {
  return {.refusal = {status, std::move(message)}, .headers = {}, .close = true};
}

// RFC 9112 sections 3.2, 6.1 and 6.3. The parser has already refused Transfer-Encoding beside Content-Length.
std::optional<Refused> CheckFraming(const Request& request, HttpVersion version) {
  const std::size_t hosts = ValuesOf(request, "Host").size();
  if (hosts > 1 || (hosts == 0 && version == HttpVersion::k11)) {
    return BadFraming(400, "a request needs exactly one host header");
  }
  const std::vector<std::string_view> codings = ValuesOf(request, "Transfer-Encoding");
  if (codings.empty()) return std::nullopt;
  if (version == HttpVersion::k10) return BadFraming(400, "http/1.0 has no transfer-encoding");
  if (codings.size() > 1 || !EqualsIgnoringCase(codings.front(), "chunked")) {
    return BadFraming(501, "the transfer-encoding is not \"chunked\"");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refused> Admit(Request& request, HttpVersion version, std::string_view encoded_path, const Router& router,
                             Admission& admission) {
  if (std::optional<Refused> refused = CheckFraming(request, version)) return refused;

  admission.route = router.Find(request.method, encoded_path);
  if (admission.route.handler == nullptr) {
    Refused refused{admission.route.refusal, {}};
    if (!admission.route.allow.empty()) refused.headers.push_back({"Allow", admission.route.allow});
    return refused;
  }
  request.path_params = std::move(admission.route.path_params);

  for (const std::string_view coding : ValuesOf(request, "Content-Encoding")) {
    if (coding.empty() || EqualsIgnoringCase(coding, "identity")) continue;
    const std::optional<ContentCoding> found = FindContentCoding(coding);
    if (!found || admission.coding) {
      return Refused{{415, "the content-encoding must be one of gzip, deflate and zstd, once, or identity"},
                     {{"Accept-Encoding", std::string(kContentCodings)}}};
    }
    admission.coding = found;
  }

  if (version == HttpVersion::k10) return std::nullopt;  // it does not know Expect
  for (const std::string_view expectation : ValuesOf(request, "Expect")) {
    if (!EqualsIgnoringCase(expectation, "100-continue")) {
      return Refused{{417, "the only expectation that can be met is 100-continue"}, {}};
    }
    admission.wants_continue = true;
  }
  return std::nullopt;
}

}  // namespace nightjar::server::internal
