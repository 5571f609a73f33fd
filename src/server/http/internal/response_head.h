// The head of an answer as bytes (RFC 9112).
#pragma once

#include <string>

#include "server/http/http.h"
#include "server/http/internal/admission.h"

namespace nightjar::server::internal {

// Whether no header would divide the head in two.
bool IsWellFormed(const Response& response);

bool HasBody(int status);

// A body that is made while it is sent is chunked, or in HTTP/1.0 ends with the connection.
// REQUIRES: IsWellFormed(response)
std::string ResponseHead(const Response& response, HttpVersion version, bool keep_alive);

}  // namespace nightjar::server::internal
