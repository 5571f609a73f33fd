// HTTP as the handlers see it: a request whose body is whole and decompressed, and a response. No library type.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nightjar::server {

struct Header {
  std::string name;  // as sent; compared without case
  std::string value;
};

struct Request {
  std::string method;
  std::string path;                                        // percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // percent-decoded, in order
  std::vector<Header> headers;
  std::string body;                      // after content-encoding was undone
  std::string remote_address;            // "127.0.0.1:51234"
  std::vector<std::string> path_params;  // what the route's {placeholders} matched, percent-decoded, in order
  // Requested when the client has left, or sends no more (which looks the same), and when the server stops. Work for
  // its answer alone may end then; an answer is still sent to whoever reads it.
  std::stop_token abandoned;

  // First header or query parameter of that name; empty when absent.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] std::string_view query_param(std::string_view name) const;
};

// The transport adds Content-Length and Connection. A status without a body (204, 304) is sent without `body`.
// REQUIRES: no header holds a control character.
struct Response {
  int status = 200;
  std::string content_type = "application/json";  // empty: the header is left out
  std::string body;
  std::vector<Header> headers;
};

// Called exactly once, from any thread, also after the connection or the server is gone. When the last copy is dropped
// without a call, the client gets 500.
using Respond = std::function<void(Response)>;

enum class Protocol { kHttp1, kHttp2, kTls };

// Why the transport refused a request before any handler saw it, so that its path's owner can word the answer.
struct Refusal {
  int status = 400;
  std::string message;
  Protocol protocol = Protocol::kHttp1;  // what the client spoke; with another one nothing else of the request is known
};

// Header names are compared without case (ASCII).
[[nodiscard]] bool EqualsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace nightjar::server
