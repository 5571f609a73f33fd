// The header fields of gRPC over HTTP/2 (PROTOCOL-HTTP2.md): what a request's mean, how an answer's are written.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/grpc/internal/status.h"

namespace nightjar::server::internal {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// "application/grpc" or "application/grpc+proto", with parameters or without. JSON and gRPC-Web are other protocols.
bool IsGrpcContentType(std::string_view content_type);

// "100m" → 100 ms; at most eight digits and one of H M S m u n. Nothing for anything else.
std::optional<std::chrono::nanoseconds> ParseGrpcTimeout(std::string_view text);

// What begins an answer that has messages.
HeaderList AnswerHeaders();
// What ends it.
HeaderList Trailers(const GrpcStatus& status);

// `message` as grpc-message carries it: printable ASCII, everything else and % as %XX. A long one is cut with "...".
std::string EncodeGrpcMessage(std::string_view message);

}  // namespace nightjar::server::internal
