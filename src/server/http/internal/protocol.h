// What else clients speak to a port of HTTP/1.1 by mistake, told from the first bytes of a connection.
#pragma once

#include <string_view>

#include "server/http/http.h"

namespace nightjar::server::internal {

// kHttp1 also when it is too early to tell. Needs 1 byte for TLS and 18 for HTTP/2.
Protocol ProtocolOf(std::string_view first_bytes);

// The refusal of such a client. It is answered in HTTP/1.1, by which gRPC clients tell what they speak to: a GOAWAY
// they would only try again. REQUIRES: protocol != kHttp1
Refusal WrongProtocol(Protocol protocol);

}  // namespace nightjar::server::internal
