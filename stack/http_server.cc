#include "stack/http_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <chrono>
#include <cstdio>

namespace stack {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::size_t kThreads = 8;
constexpr std::size_t kBodyBytesMax = 16U << 20;
constexpr std::chrono::seconds kRequestTimeout{60};

HttpResponse Answer(const HttpServer::Handler& handler, const HttpRequest& request) {
  HttpResponse response;
  try {
    response = handler(request);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", std::string(request.target()).c_str(), error.what());
    response = JsonResponse(500, R"({"error": {"message": "internal error"}})");
  }
  response.version(request.version());
  response.keep_alive(request.keep_alive());
  response.prepare_payload();
  return response;
}

asio::awaitable<void> ServeRequests(beast::tcp_stream& stream, const HttpServer::Handler& handler) {
  beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBodyBytesMax);
    stream.expires_after(kRequestTimeout);
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    const HttpResponse response = Answer(handler, parser.get());
    stream.expires_after(kRequestTimeout);
    co_await http::async_write(stream, response, asio::use_awaitable);
    if (!response.keep_alive()) co_return;
  }
}

asio::awaitable<void> ServeConnection(beast::tcp_stream stream, const HttpServer::Handler& handler) {
  try {
    co_await ServeRequests(stream, handler);
    stream.socket().shutdown(tcp::socket::shutdown_send);
  } catch (const boost::system::system_error&) {
    // The client went away or sent no HTTP; the connection is closed.
  }
}

asio::awaitable<void> Accept(tcp::acceptor& acceptor, asio::thread_pool& pool, const HttpServer::Handler& handler) {
  while (true) {
    tcp::socket socket = co_await acceptor.async_accept(asio::make_strand(pool), asio::use_awaitable);
    const auto executor = socket.get_executor();
    asio::co_spawn(executor, ServeConnection(beast::tcp_stream(std::move(socket)), handler), asio::detached);
  }
}

}  // namespace

HttpServer::HttpServer(std::uint16_t port, Handler handler)
    : handler_(std::move(handler)),
      pool_(kThreads),
      acceptor_(asio::make_strand(pool_), tcp::endpoint(asio::ip::address_v4::loopback(), port)) {
  asio::co_spawn(acceptor_.get_executor(), Accept(acceptor_, pool_, handler_), asio::detached);
}

HttpServer::~HttpServer() {
  pool_.stop();
  pool_.join();
}

std::string HttpServer::address() const { return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

HttpResponse JsonResponse(unsigned status, std::string body) {
  HttpResponse response;
  response.result(status);
  response.set(http::field::content_type, "application/json");
  response.body() = std::move(body);
  return response;
}

}  // namespace stack
