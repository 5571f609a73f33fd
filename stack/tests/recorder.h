// A server that keeps the last request, and gives each the same answer.
#pragma once

#include <mutex>
#include <string>
#include <utility>

#include "stack/http_server.h"

namespace stack {

class Recorder {
 public:
  explicit Recorder(std::string answer, unsigned status = 200)
      : server_("127.0.0.1", 0, [this, answer = std::move(answer), status](const HttpRequest& request) {
          const std::scoped_lock lock(mutex_);
          request_ = request;
          return JsonReply(status, answer);
        }) {}
  [[nodiscard]] std::string url() const { return "http://" + server_.address(); }
  HttpRequest request() {
    const std::scoped_lock lock(mutex_);
    return request_;
  }

 private:
  std::mutex mutex_;
  HttpRequest request_;
  HttpServer server_;
};

}  // namespace stack
