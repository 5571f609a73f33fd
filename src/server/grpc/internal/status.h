// How a call ends.
#pragma once

#include <string>

#include "base/result.h"

namespace nightjar::server::internal {

// Of google.rpc.Code, where no ErrorCode stands for it.
constexpr int kGrpcOk = 0;
constexpr int kGrpcInternal = 13;

struct GrpcStatus {
  int code = kGrpcOk;
  std::string message;
  std::string details;    // google.rpc.Status, encoded; empty: nothing to add
  int http_status = 200;  // the same in HTTP's words, for the record of refusals
};

// UNAVAILABLE always says when to come back: without a RetryInfo clients may give up.
GrpcStatus ToGrpcStatus(const Error& error);

}  // namespace nightjar::server::internal
