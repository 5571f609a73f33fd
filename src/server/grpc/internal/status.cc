#include "server/grpc/internal/status.h"

#include "otlp/response.h"
#include "server/errors.h"

namespace nightjar::server::internal {
namespace {

constexpr int kRetryDelaySeconds = 1;

}  // namespace

GrpcStatus ToGrpcStatus(const Error& error) {
  const int http_status = HttpStatus(error.code);
  const int code = GrpcCode(http_status);
  std::string details;
  if (error.code == ErrorCode::kUnavailable) {
    details = otlp::EncodeRetryStatus(code, error.message, kRetryDelaySeconds);
  }
  return {.code = code, .message = error.message, .details = std::move(details), .http_status = http_status};
}

}  // namespace nightjar::server::internal
