// HTTP as the handlers see it: a request whose body is whole and decompressed, and a response, whose body is whole or
// made while it is sent. No library type.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

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

// Takes the next piece of a body: bytes, none at its end, or why it cannot go on. Called exactly once, from any thread,
// at once or when there is something to send; dropped without a call it is an error.
using PieceDone = std::function<void(Result<std::string>)>;

// Makes a body while it is sent, for what is too large to lie in memory whole, or goes on for long. Called where its
// route runs, for the first piece and each time the client has taken the piece before, so that there is one at a time,
// and a client that does not read holds no thread. A client that takes too long is cut off as with other answers. Once
// it has left, Request::abandoned says so, and this is destroyed. After an error the connection is broken off, so that
// the client sees that the body is not whole: what can fail early is better asked before the answer is given.
using NextPiece = std::function<void(const PieceDone&)>;

// The transport adds Content-Length or Transfer-Encoding, and Connection. A status without a body (204, 304) is sent
// without `body`. REQUIRES: no header holds a control character.
struct Response {
  int status = 200;
  std::string content_type = "application/json";  // empty: the header is left out
  std::string body;
  std::vector<Header> headers;
  NextPiece next_piece = nullptr;  // instead of `body`
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
