#include "server/grpc/internal/wire.h"

#include <charconv>
#include <cstdint>

#include "base/base64.h"

namespace nightjar::server::internal {
namespace {

constexpr std::string_view kAcceptEncoding = "identity,gzip,deflate,zstd";
constexpr std::size_t kMessageBytesMax = 2000;  // clients take 8 KiB of headers, and %XX makes three of one

void AppendEscaped(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  out += '%';
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

}  // namespace

bool IsGrpcContentType(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return content_type == "application/grpc" || content_type == "application/grpc+proto";
}

std::optional<std::chrono::nanoseconds> ParseGrpcTimeout(std::string_view text) {
  constexpr std::size_t kDigitsMax = 8;
  if (text.size() < 2 || text.size() > kDigitsMax + 1) return std::nullopt;
  std::int64_t count = 0;
  const char* const unit = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), unit, count);
  if (error != std::errc() || end != unit || count < 0) return std::nullopt;
  switch (*unit) {
    case 'H': return std::chrono::hours(count < 1'000'000 ? count : 1'000'000);  // 64 bits of ns hold 2,500,000 hours
    case 'M': return std::chrono::minutes(count);
    case 'S': return std::chrono::seconds(count);
    case 'm': return std::chrono::milliseconds(count);
    case 'u': return std::chrono::microseconds(count);
    case 'n': return std::chrono::nanoseconds(count);
    default: return std::nullopt;
  }
}

HeaderList AnswerHeaders() {
  return {
      {":status", "200"}, {"content-type", "application/grpc"}, {"grpc-accept-encoding", std::string(kAcceptEncoding)}};
}

HeaderList Trailers(const GrpcStatus& status) {
  HeaderList trailers = {{"grpc-status", std::to_string(status.code)}};
  if (!status.message.empty()) trailers.emplace_back("grpc-message", EncodeGrpcMessage(status.message));
  if (!status.details.empty()) trailers.emplace_back("grpc-status-details-bin", ToBase64(status.details));
  return trailers;
}

std::string EncodeGrpcMessage(std::string_view message) {
  std::string out;
  for (const char c : message.substr(0, kMessageBytesMax)) {
    if (c < ' ' || c > '~' || c == '%') {
      AppendEscaped(out, static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  if (message.size() > kMessageBytesMax) out += "...";
  return out;
}

}  // namespace nightjar::server::internal
