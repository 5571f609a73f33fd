// One table from our errors to HTTP, gRPC and JSON answers.
#pragma once

#include <string>

#include "base/result.h"
#include "server/http/http.h"

namespace nightjar::server {

int HttpStatus(ErrorCode code);

// google.rpc.Code of an HTTP status, for OTLP's Status messages.
int GrpcCode(int http_status);

Response JsonResponse(std::string body);

// {"error":{"code":"invalid_argument","message":"…"}}; Retry-After: 1 with kUnavailable.
Response ErrorResponse(const Error& error);

// For a request that the transport or the router refused.
Response RefusalResponse(const Refusal& refusal);

}  // namespace nightjar::server
