// A blocking HTTP/1.1 client for one server, for programs that ask rather than serve.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace nightjar::client {

struct HttpAnswer {
  int status = 0;
  std::uint64_t pending_requests = 0;  // acknowledged ones that it lacks, as its header says
  std::string body;
};

// Belongs to one thread. Keeps its connection open.
class HttpClient {
 public:
  // `url` is scheme and authority ("http://127.0.0.1:6006"); `headers` ("name: value") go with every request.
  explicit HttpClient(std::string url, std::vector<std::string> headers = {},
                      std::chrono::milliseconds timeout = std::chrono::seconds(30));
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  // kUnavailable when no whole answer came; any status is an answer.
  Result<HttpAnswer> Get(const std::string& target);
  Result<HttpAnswer> Post(const std::string& target, std::string_view body, const std::vector<std::string>& headers);

  // As Get, without an end of time: gives the body of an answer 200 to `take` as it comes, until that says no, which is
  // no error. kUnavailable also when nothing came for `quiet_max`.
  Result<HttpAnswer> Stream(const std::string& target, const std::vector<std::string>& headers,
                            std::chrono::seconds quiet_max, const std::function<bool(std::string_view)>& take);

  // The object that a GET answered with 200; kUnavailable for any other status, kDataLoss for any other body.
  Result<json::object> GetObject(const std::string& target);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// For one segment of a path.
std::string PercentEncode(std::string_view text);

}  // namespace nightjar::client
