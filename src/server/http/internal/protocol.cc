#include "server/http/internal/protocol.h"

#include "base/check.h"

namespace nightjar::server::internal {

Protocol ProtocolOf(std::string_view first_bytes) {
  constexpr char kTlsHandshake = 0x16;  // the record type of a ClientHello (RFC 8446 section 5.1)
  if (first_bytes.starts_with(kTlsHandshake)) return Protocol::kTls;
  if (first_bytes.starts_with("PRI * HTTP/2.0\r\n\r\n")) return Protocol::kHttp2;  // RFC 9113 section 3.4
  return Protocol::kHttp1;
}

Refusal WrongProtocol(Protocol protocol) {
  CHECK(protocol != Protocol::kHttp1);
  if (protocol == Protocol::kHttp2) return {505, "HTTP/2, as gRPC speaks it, on a port of HTTP/1.1", protocol};
  return {400, "TLS on a port of plain HTTP", protocol};
}

}  // namespace nightjar::server::internal
