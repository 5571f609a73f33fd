#include "server/http/internal/response_head.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <string_view>

namespace nightjar::server::internal {

namespace http = boost::beast::http;

bool IsWellFormed(const Response& response) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return std::ranges::none_of(response.content_type, is_control) &&
         std::ranges::none_of(response.headers, [&](const Header& header) {
           return std::ranges::any_of(header.name, is_control) || std::ranges::any_of(header.value, is_control);
         });
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string ResponseHead(const Response& response, HttpVersion version, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += std::string_view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
  head += "\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  for (const Header& header : response.headers) add(header.name, header.value);
  if (HasBody(response.status)) {
    if (!response.content_type.empty()) add("Content-Type", response.content_type);
    if (!response.next_piece) {
      add("Content-Length", std::to_string(response.body.size()));
    } else if (version == HttpVersion::k11) {
      add("Transfer-Encoding", "chunked");
    }
  }
  if (!keep_alive) add("Connection", "close");
  return head + "\r\n";
}

}  // namespace nightjar::server::internal
