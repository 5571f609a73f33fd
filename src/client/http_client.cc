#include "client/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <string_view>
#include <utility>

#include "client/internal/curl.h"

namespace nightjar::client {
namespace {

constexpr std::size_t kAnswerBytesMax = 1 << 30;
constexpr std::size_t kErrorTextMax = 200;

std::size_t Receive(const char* bytes, std::size_t size, std::size_t count, void* body) {
  auto& text = *static_cast<std::string*>(body);
  if (text.size() + size * count > kAnswerBytesMax) return 0;
  text.append(bytes, size * count);
  return size * count;
}

void TakeHead(CURL* easy, HttpAnswer& answer) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  curl_header* pending = nullptr;
  if (curl_easy_header(easy, "X-Nightjar-Pending-Requests", 0, CURLH_HEADER, -1, &pending) != CURLHE_OK) return;
  const std::string_view digits = pending->value;
  std::from_chars(digits.data(), digits.data() + digits.size(), answer.pending_requests);
}

}  // namespace

struct HttpClient::Impl {
  Result<HttpAnswer> Perform(const std::string& target, const std::vector<std::string>& more_headers);

  std::string url;
  std::vector<std::string> headers;
  std::chrono::milliseconds timeout;
  internal::Easy easy = internal::NewEasy();
};

Result<HttpAnswer> HttpClient::Impl::Perform(const std::string& target, const std::vector<std::string>& more_headers) {
  internal::HeaderList list;
  for (const std::string& line : headers) list.Append(line);
  for (const std::string& line : more_headers) list.Append(line);
  HttpAnswer answer;
  const std::string whole = url + target;
  curl_easy_setopt(easy.get(), CURLOPT_URL, whole.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &Receive);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answer.body);
  const CURLcode code = curl_easy_perform(easy.get());
  if (code != CURLE_OK) return Fail(ErrorCode::kUnavailable, fmt::format("{}: {}", whole, curl_easy_strerror(code)));
  TakeHead(easy.get(), answer);
  return answer;
}

HttpClient::HttpClient(std::string url, std::vector<std::string> headers, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(Impl{.url = std::move(url), .headers = std::move(headers), .timeout = timeout})) {
  while (impl_->url.ends_with('/')) impl_->url.pop_back();
}

HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

Result<HttpAnswer> HttpClient::Get(const std::string& target) {
  curl_easy_setopt(impl_->easy.get(), CURLOPT_HTTPGET, 1L);
  return impl_->Perform(target, {});
}

Result<HttpAnswer> HttpClient::Post(const std::string& target, std::string_view body,
                                    const std::vector<std::string>& headers) {
  curl_easy_setopt(impl_->easy.get(), CURLOPT_POST, 1L);
  curl_easy_setopt(impl_->easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  const char* bytes = body.data();  // the size is told above
  curl_easy_setopt(impl_->easy.get(), CURLOPT_POSTFIELDS, bytes);
  return impl_->Perform(target, headers);
}

Result<HttpAnswer> HttpClient::Stream(const std::string& target, const std::vector<std::string>& headers,
                                      std::chrono::seconds quiet_max,
                                      const std::function<bool(std::string_view)>& take) {
  struct Taker {
    CURL* easy;
    const std::function<bool(std::string_view)>& take;
    HttpAnswer answer = {};
    bool ended = false;
  } taker{impl_->easy.get(), take};
  const auto receive = +[](char* bytes, std::size_t size, std::size_t count, void* user) -> std::size_t {
    Taker& to = *static_cast<Taker*>(user);
    long status = 0;
    curl_easy_getinfo(to.easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
      to.answer.body.append(bytes, size * count);
    else if (!to.take({bytes, size * count}))
      to.ended = true;
    return to.ended ? 0 : size * count;
  };
  internal::HeaderList list;
  for (const std::string& line : impl_->headers) list.Append(line);
  for (const std::string& line : headers) list.Append(line);
  const std::string whole = impl_->url + target;
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(taker.easy, option, value); };
  set(CURLOPT_HTTPGET, 1L);
  set(CURLOPT_URL, whole.c_str());
  set(CURLOPT_HTTPHEADER, list.get());
  set(CURLOPT_TIMEOUT_MS, 0L);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(quiet_max.count()));
  set(CURLOPT_WRITEFUNCTION, receive);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&taker));
  const CURLcode code = curl_easy_perform(taker.easy);
  set(CURLOPT_LOW_SPEED_TIME, 0L);
  if (code != CURLE_OK && !taker.ended)
    return Fail(ErrorCode::kUnavailable, fmt::format("{}: {}", whole, curl_easy_strerror(code)));
  TakeHead(taker.easy, taker.answer);
  return std::move(taker.answer);
}

Result<json::object> HttpClient::GetObject(const std::string& target) {
  ASSIGN_OR_RETURN(const HttpAnswer answer, Get(target));
  if (answer.status != 200)
    return Fail(ErrorCode::kUnavailable,
                fmt::format("GET {}: {} {}", target, answer.status, answer.body.substr(0, kErrorTextMax)));
  const auto value = ParseJson(answer.body);
  if (!value || !value->is_object())
    return Fail(ErrorCode::kDataLoss,
                fmt::format("GET {}: not a JSON object: {}", target, answer.body.substr(0, kErrorTextMax)));
  return value->get_object();
}

std::string PercentEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace nightjar::client
