// What else clients speak to a port of HTTP/1.1 by mistake, told from the first bytes of a connection.
#pragma once

#include <string>
#include <string_view>

#include "server/http/http.h"

namespace nightjar::server::internal {

// kHttp1 also when it is too early to tell. Needs 1 byte for TLS and 18 for HTTP/2.
Protocol ProtocolOf(std::string_view first_bytes);

// The refusal of such a client. REQUIRES: protocol != kHttp1
Refusal WrongProtocol(Protocol protocol);

// What an HTTP/2 client understands: GOAWAY with the code HTTP_1_1_REQUIRED. gRPC clients show `why` in their error.
std::string Http2GoAway(std::string_view why);

}  // namespace nightjar::server::internal
