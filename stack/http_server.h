// A small HTTP/1.1 server for the stack's programs: one handler, run on a pool of threads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

namespace stack {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Sends the next piece of a body. False when the client has gone, and nothing can be sent any more.
using BodyWriter = std::function<bool(std::string_view piece)>;

struct HttpReply {
  HttpResponse response;
  // Set: the body is what this writes, as it is written, instead of the response's.
  std::move_only_function<void(const BodyWriter&)> stream = {};
};

// Thrown by a handler or a stream: the connection is closed as it is.
struct CloseConnection {};

struct HttpLimits {
  std::size_t connections_max = 256;  // more are answered 503
  std::size_t workers = 32;           // requests that are answered at one time; more wait
  std::size_t body_bytes_max = 1U << 20;
  std::size_t header_bytes_max = 16U << 10;
  std::chrono::seconds timeout{60};  // for a request to arrive, and for a client to take a piece of an answer
};

// Serves from the constructor until the destructor.
class HttpServer {
 public:
  // May block: it has a thread of its own while it runs, and its stream has the same one. Another exception than
  // CloseConnection is answered with the refusal's 500.
  using Handler = std::function<HttpReply(const HttpRequest&)>;
  // The answer when the handler sees no request (400, 413, 431, 503) or throws (500). Must not block.
  using Refusal = std::function<HttpResponse(unsigned status, std::string_view reason)>;

  // Listens on `host`; port 0 takes a free one. Throws boost::system::system_error when that cannot be.
  HttpServer(const std::string& host, std::uint16_t port, Handler handler, HttpLimits limits = {},
             Refusal refusal = Refuse);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Closes all connections; waits for handlers that run.
  ~HttpServer();

  [[nodiscard]] std::string address() const { return address_; }  // "127.0.0.1:PORT"

  // Takes no new connections and closes idle ones; waits until all requests are answered. False when the time is over
  // before.
  bool Drain(std::chrono::milliseconds time);

  static HttpResponse Refuse(unsigned status, std::string_view reason);  // {"error": {"message": reason}}

 private:
  class Connection;
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(boost::asio::ip::tcp::socket socket);
  // False when the connection is not to be used again.
  boost::asio::awaitable<bool> ServeOne(Connection& connection);
  boost::asio::awaitable<void> TurnAway(Connection& connection, unsigned status, std::string_view reason);
  [[nodiscard]] HttpReply Handle(const HttpRequest& request) const;
  void CloseConnections(bool busy_too);

  const Handler handler_;
  const Refusal refusal_;
  const HttpLimits limits_;
  boost::asio::io_context io_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  const std::string address_;
  boost::asio::thread_pool workers_;
  bool draining_ = false;              // of the thread of io_
  std::set<Connection*> connections_;  // of the thread of io_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;  // connections_.size(); guarded by mutex_
  std::thread thread_;    // runs io_; last, since it uses all of the above
};

HttpReply JsonReply(unsigned status, std::string body);

}  // namespace stack
