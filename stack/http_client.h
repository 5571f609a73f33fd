// HTTP POST over libcurl, for the clients of the stack.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace stack {

// No answer came: the server is not there, broke off, took too long, or the caller did not want to wait any more.
class HttpError : public std::runtime_error {
 public:
  enum class Kind { kUnreachable, kBroken, kTimeout, kStopped };
  HttpError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct HttpCall {
  std::string url;
  std::vector<std::string> headers = {};  // "Name: value"
  std::string body = {};
  std::chrono::seconds timeout{120};
  std::stop_token stop = {};
  // Set: the body of an answer 200 of type text/event-stream is passed here as it arrives, and `timeout` is that of
  // silence. What it throws ends the call, and Post throws it on.
  std::function<void(std::string_view)> on_piece = {};
};

struct HttpAnswer {
  long status = 0;
  std::string body = {};            // at most 16 MiB; longer ones break the call. Without what on_piece was given
  std::string retry_after = {};     // the header Retry-After
  std::string retry_after_ms = {};  // the header retry-after-ms, which Azure and OpenAI send too
};

// Keeps connections for the next call. Thread-safe. Does not follow redirects.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Any status is an answer. Throws HttpError when there is none.
  [[nodiscard]] HttpAnswer Post(const HttpCall& call) const;

 private:
  class Handle;
  [[nodiscard]] std::unique_ptr<Handle> Take() const;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Handle>> idle_;  // guarded by mutex_; one for each call there was at one time
};

}  // namespace stack
