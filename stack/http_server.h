// A small HTTP/1.1 server for the stack's programs: one handler, run on a pool of threads.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/http.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace stack {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Serves from the constructor until the destructor. A request has at most 16 MiB and 60 seconds.
class HttpServer {
 public:
  // May block: it has a thread of its own while it runs. An exception it throws is answered with 500.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens on 127.0.0.1; port 0 takes a free one. Throws boost::system::system_error when the port is taken.
  HttpServer(std::uint16_t port, Handler handler);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Closes all connections; waits for handlers that run.
  ~HttpServer();

  [[nodiscard]] std::string address() const;  // "127.0.0.1:PORT"

 private:
  const Handler handler_;
  boost::asio::thread_pool pool_;
  boost::asio::ip::tcp::acceptor acceptor_;
};

HttpResponse JsonResponse(unsigned status, std::string body);

}  // namespace stack
