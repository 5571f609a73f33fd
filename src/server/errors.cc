#include "server/errors.h"

#include <utility>

#include "base/json.h"

namespace nightjar::server {
namespace {

Response JsonError(int status, std::string_view code, std::string_view message) {
  Response response;
  response.status = status;
  response.body = ToJson({{"error", {{"code", code}, {"message", message}}}});
  return response;
}

std::string_view CodeWord(int http_status) {
  switch (http_status) {
    case 404: return "not_found";
    case 405: return "method_not_allowed";
    case 408: return "deadline_exceeded";
    case 413:
    case 429:
    case 431: return "resource_exhausted";
    case 415: return "unsupported_media_type";
    case 503: return "unavailable";
    default: return http_status >= 500 ? "internal" : "invalid_argument";
  }
}

}  // namespace

int HttpStatus(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument: return 400;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kAlreadyExists: return 409;
    case ErrorCode::kResourceExhausted: return 413;
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kDeadlineExceeded: return 504;
    case ErrorCode::kFailedPrecondition: return 409;
    case ErrorCode::kPermissionDenied: return 403;
    case ErrorCode::kUnimplemented: return 501;
    case ErrorCode::kDataLoss:
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

int GrpcCode(int http_status) {
  switch (http_status) {
    case 400:
    case 415: return 3;   // INVALID_ARGUMENT
    case 401: return 16;  // UNAUTHENTICATED
    case 403: return 7;   // PERMISSION_DENIED
    case 404: return 5;   // NOT_FOUND
    case 405:
    case 501: return 12;  // UNIMPLEMENTED
    case 408:
    case 504: return 4;  // DEADLINE_EXCEEDED
    case 413:
    case 429:
    case 431: return 8;   // RESOURCE_EXHAUSTED
    case 503: return 14;  // UNAVAILABLE
    default: return 13;   // INTERNAL
  }
}

Response JsonResponse(std::string body) {
  Response response;
  response.body = std::move(body);
  return response;
}

Response ErrorResponse(const Error& error) {
  Response response = JsonError(HttpStatus(error.code), ToString(error.code), error.message);
  if (error.code == ErrorCode::kUnavailable) response.headers.push_back({"Retry-After", "1"});
  return response;
}

Response RefusalResponse(const Refusal& refusal) {
  return JsonError(refusal.status, CodeWord(refusal.status), refusal.message);
}

}  // namespace nightjar::server
