#include "server/http/internal/protocol.h"

#include <array>

#include "base/check.h"

namespace nightjar::server::internal {
namespace {

// An HTTP/2 frame (RFC 9113 section 4.1) of the connection itself: stream 0, no flags.
std::string Frame(char type, std::string_view payload) {
  const std::size_t length = payload.size();
  const std::array<char, 9> head = {
      static_cast<char>(length >> 16), static_cast<char>(length >> 8), static_cast<char>(length), type, 0, 0, 0, 0, 0};
  return std::string(head.data(), head.size()) + std::string(payload);
}

}  // namespace

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

std::string Http2GoAway(std::string_view why) {
  constexpr char kSettings = 4;
  constexpr char kGoAway = 7;
  constexpr std::string_view kNoStreamHttp11Required("\0\0\0\0\0\0\0\x0d", 8);
  return Frame(kSettings, "") + Frame(kGoAway, std::string(kNoStreamHttp11Required) + std::string(why));
}

}  // namespace nightjar::server::internal
