// A message on the wire: one byte 0 (not compressed), its length in 4 bytes big-endian, its bytes. The outcome is in
// the trailer grpc-status, a number of grpc's own; curl hands trailers to the header callback.
#include "client/otlp_grpc_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/check.h"
#include "client/internal/curl.h"

namespace nightjar::client {
namespace {

constexpr const char* kTraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr long kCallMaxMs = 30'000;
constexpr std::size_t kPrefixBytes = 5;

struct Outcome {
  std::string bytes;
  std::optional<int> status;
  std::string message;
};

std::string Frame(const std::string& body) {
  std::string framed(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) framed += static_cast<char>(body.size() >> shift);
  return framed + body;
}

std::size_t ReceiveHeader(const char* bytes, std::size_t size, std::size_t count, void* to) {
  constexpr std::string_view kStatus = "grpc-status: ", kMessage = "grpc-message: ";
  auto& outcome = *static_cast<Outcome*>(to);
  std::string_view line(bytes, size * count);
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with(kStatus)) outcome.status = std::atoi(std::string(line.substr(kStatus.size())).c_str());
  if (line.starts_with(kMessage)) outcome.message = line.substr(kMessage.size());
  return size * count;
}

std::size_t ReceiveBody(const char* bytes, std::size_t size, std::size_t count, void* to) {
  static_cast<Outcome*>(to)->bytes.append(bytes, size * count);
  return size * count;
}

// google.rpc.Code
ErrorCode CodeOf(int status) {
  switch (status) {
    case 3: return ErrorCode::kInvalidArgument;
    case 4: return ErrorCode::kDeadlineExceeded;
    case 7:
    case 16: return ErrorCode::kPermissionDenied;
    case 8: return ErrorCode::kResourceExhausted;
    case 12: return ErrorCode::kUnimplemented;
    case 14: return ErrorCode::kUnavailable;
    default: return ErrorCode::kInternal;
  }
}

}  // namespace

struct OtlpGrpcClient::Impl {
  std::string url;
  internal::Easy easy = internal::NewEasy();
  bool connected = false;  // by the call before
};

OtlpGrpcClient::OtlpGrpcClient(const std::string& address)
    : impl_(std::make_unique<Impl>(Impl{.url = "http://" + address + kTraceExport})) {}

OtlpGrpcClient::~OtlpGrpcClient() = default;
OtlpGrpcClient::OtlpGrpcClient(OtlpGrpcClient&&) noexcept = default;

Result<std::string> OtlpGrpcClient::Export(const std::string& body, const std::string& project) {
  internal::HeaderList headers;
  headers.Append("content-type: application/grpc");
  headers.Append("te: trailers");
  if (!project.empty()) headers.Append("x-project-name: " + project);
  const std::string framed = Frame(body);
  Outcome outcome;
  CURL* easy = impl_->easy.get();
  curl_easy_setopt(easy, CURLOPT_URL, impl_->url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, framed.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(framed.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kCallMaxMs);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &ReceiveHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &outcome);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &ReceiveBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &outcome);
  // curl 7.88 cannot use a connection again that it shall begin with prior knowledge, and cannot begin one without.
  CURLcode code = CURLE_OK;
  if (impl_->connected) {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_0);
    code = curl_easy_perform(easy);
  }
  if (!impl_->connected || code != CURLE_OK) {  // the server may have closed it meanwhile
    outcome = {};
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    code = curl_easy_perform(easy);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 0L);
  }
  impl_->connected = code == CURLE_OK;
  if (!impl_->connected)
    return Fail(ErrorCode::kUnavailable, fmt::format("{}: {}", impl_->url, curl_easy_strerror(code)));
  if (!outcome.status) return Fail(ErrorCode::kInternal, fmt::format("{}: an answer without grpc-status", impl_->url));
  if (*outcome.status != 0)
    return Fail(CodeOf(*outcome.status), fmt::format("gRPC status {}: {}", *outcome.status, outcome.message));
  if (outcome.bytes.size() < kPrefixBytes)
    return Fail(ErrorCode::kInternal, fmt::format("{}: an answer without a message", impl_->url));
  return outcome.bytes.substr(kPrefixBytes);
}

}  // namespace nightjar::client
