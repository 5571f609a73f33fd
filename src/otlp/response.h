// The bytes a receiver answers with (OTLP 1.x, "OTLP/HTTP Response"): protobuf messages, in the encoding of the
// request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "otlp/encoding.h"
#include "otlp/signal.h"

namespace nightjar::otlp {

// Export{Trace,Logs,Metrics}ServiceResponse. `rejected` counts spans, log records or data points; 0 with a message is a
// warning, 0 without one full success.
std::string EncodeExportResponse(Signal signal, Encoding encoding, std::uint64_t rejected, std::string_view message);

// google.rpc.Status. `code` is a google.rpc.Code (3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED, 14 UNAVAILABLE …).
std::string EncodeStatus(Encoding encoding, int code, std::string_view message);

// google.rpc.Status with a google.rpc.RetryInfo of that many seconds, as gRPC carries it in grpc-status-details-bin:
// protobuf.
std::string EncodeRetryStatus(int code, std::string_view message, int retry_delay_seconds);

}  // namespace nightjar::otlp
