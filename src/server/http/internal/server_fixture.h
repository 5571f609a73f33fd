// For tests of the transport: a server with some routes, and a client that writes requests byte for byte and shares no
// code with the server.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/http_server.h"

namespace nightjar::server {

inline constexpr std::string_view kGetEcho = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";

// A client's end of a connection. Reading gives up after ten seconds, so that a server that hangs fails the test.
class Client {
 public:
  explicit Client(const std::string& address) {
    const int port = std::stoi(address.substr(address.rfind(':') + 1));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0) << std::strerror(errno);
  }
  ~Client() { close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the server has closed the connection.
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void EndSending() { shutdown(socket_, SHUT_WR); }

  // One answer: its head and as many bytes as its Content-Length or its chunks say, as text "200 body"; "closed" at the
  // end of the connection. The head stays in `head`.
  std::string Answer() {
    while (!received.contains("\r\n\r\n")) {
      if (!Receive()) return "closed";
    }
    const std::size_t head_bytes = received.find("\r\n\r\n") + 4;
    head = received.substr(0, head_bytes);
    received.erase(0, head_bytes);
    if (head.contains("Transfer-Encoding: chunked\r\n")) return head.substr(9, 3) + " " + Chunks();
    const std::size_t length = head.find("Content-Length: ");
    const std::size_t body_bytes = length == std::string::npos ? 0 : std::stoul(head.substr(length + 16));
    while (received.size() < body_bytes) {
      if (!Receive()) return "cut off";
    }
    const std::string body = received.substr(0, body_bytes);
    received.erase(0, body_bytes);
    return head.substr(9, 3) + " " + body;
  }
  std::string Ask(std::string_view request) {
    Send(request);
    return Answer();
  }
  // Appends what arrives next to `received`; false at the end of the connection.
  bool Receive() {
    std::array<char, 65536> chunk;
    const ssize_t count = recv(socket_, chunk.data(), chunk.size(), 0);
    if (count > 0) received.append(chunk.data(), static_cast<std::size_t>(count));
    EXPECT_FALSE(count < 0 && errno == EAGAIN) << "the server neither answers nor closes";
    return count > 0;
  }

  std::string head;
  std::string received;

 private:
  std::string Chunks() {
    std::string body;
    while (true) {
      while (!received.contains("\r\n")) {
        if (!Receive()) return body + " cut off";
      }
      const std::size_t size = std::stoul(received, nullptr, 16);
      const std::size_t begin = received.find("\r\n") + 2;
      while (received.size() < begin + size + 2) {
        if (!Receive()) return body + " cut off";
      }
      body += received.substr(begin, size);
      EXPECT_EQ(received.substr(begin + size, 2), "\r\n");
      received.erase(0, begin + size + 2);
      if (size == 0) return body;
    }
  }

  const int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

// A gate that handlers wait at until the test opens it.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void WaitForArrivals(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
};

inline Response Text(std::string text) {
  return {.content_type = "text/plain", .body = std::move(text), .headers = {}};
}

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    const auto echo = [](const Request& request, const Respond& respond) {
      respond(Text(request.method + " " + request.path + " " + request.body));
    };
    router_.Add("POST", "/echo", RunOn::kIoThread, echo);
    router_.Add("POST", "/worker", RunOn::kWorker, echo);
    router_.Add("GET", "/echo", RunOn::kIoThread, echo);
    router_.Add("GET", "/things/{id}", RunOn::kIoThread, [](const Request& request, const Respond& respond) {
      respond(Text(request.path_params.at(0) + "," + std::string(request.query_param("q")) + "," +
                   std::string(request.header("x-a"))));
    });
    router_.Add("GET", "/throw", RunOn::kIoThread,
                [](const Request&, const Respond&) { throw std::runtime_error("thrown by the test"); });
    router_.Add("GET", "/throw-on-worker", RunOn::kWorker,
                [](const Request&, const Respond&) { throw std::runtime_error("thrown by the test"); });
    router_.Add("GET", "/abandon", RunOn::kIoThread, [](const Request&, const Respond&) {});
    router_.Add("GET", "/large", RunOn::kIoThread,
                [](const Request&, const Respond& respond) { respond(Text(std::string(5 << 20, 'x'))); });
    router_.Add("GET", "/nothing", RunOn::kIoThread, [](const Request&, const Respond& respond) {
      respond({.status = 204, .body = "not sent", .headers = {}});
    });
    router_.Add("GET", "/split", RunOn::kIoThread,
                [](const Request&, const Respond& respond) { respond({.headers = {{"X-A", "1\r\nX-B: 2"}}}); });
    router_.Add("GET", "/wait", RunOn::kWorker, [this](const Request&, const Respond& respond) {
      gate_.Pass();
      respond(Text("waited"));
    });
    router_.Add("POST", "/keep", RunOn::kIoThread, [this](const Request&, Respond respond) {
      const std::lock_guard lock(kept_mutex_);
      kept_.push_back(std::move(respond));
      kept_changed_.notify_all();
    });
  }

  // REQUIRES: options_ and router_ are complete.
  Client Connect() { return Client(address()); }
  const std::string& address() {
    if (server_ == nullptr) {
      server_ = std::make_unique<HttpServer>(options_, router_);
      address_ = server_->Listen("127.0.0.1", 0).value();
    }
    return address_;
  }
  // Waits until the handler of /keep holds that many answers back, and takes them.
  std::vector<Respond> TakeKept(std::size_t count) {
    std::unique_lock lock(kept_mutex_);
    kept_changed_.wait(lock, [&] { return kept_.size() >= count; });
    return std::move(kept_);
  }

  HttpServerOptions options_;
  Router router_;
  Gate gate_;
  std::mutex kept_mutex_;
  std::condition_variable kept_changed_;
  std::vector<Respond> kept_;
  std::string address_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace nightjar::server
