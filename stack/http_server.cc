// One thread reads and writes all sockets. A request goes to a worker thread, which may block in the handler and while
// a piece of an answer is sent; that happens on the first thread all the same, so a socket is used by one thread only.
#include "stack/http_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <future>
#include <optional>

namespace stack {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

constexpr std::chrono::seconds kTurnAwayTime{5};

// The status that answers a request which cannot be read; 0: the client went away.
unsigned StatusOf(const beast::error_code& error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  const bool went_away = error == http::error::end_of_stream || error == http::error::partial_message;
  return error.category() == http::make_error_code(http::error::bad_method).category() && !went_away ? 400 : 0;
}

std::string_view ReasonOf(unsigned status) {
  if (status == 413) return "the body is too large";
  return status == 431 ? "the headers are too large" : "not an HTTP request";
}

void LogError(const HttpRequest& request, const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", std::string(request.target()).c_str(), error.what());
}

std::string AddressOf(const tcp::acceptor& acceptor) {
  const tcp::endpoint endpoint = acceptor.local_endpoint();
  return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

}  // namespace

class HttpServer::Connection {
 public:
  Connection(tcp::socket socket, const HttpLimits& limits) : stream(std::move(socket)), limits_(limits) {}

  // On a worker's thread; waits until the client has taken all of it. False when the connection is not to be used
  // again.
  bool Send(const HttpRequest& request, HttpReply& reply) {
    HttpResponse& response = reply.response;
    response.version(request.version());
    response.keep_alive(request.keep_alive());
    if (reply.stream) return SendStream(reply);
    response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    return Await(
               [&]() -> asio::awaitable<void> { co_await http::async_write(stream, response, asio::use_awaitable); }) &&
           response.keep_alive();
  }

  beast::tcp_stream stream;
  beast::flat_buffer buffer;
  bool busy = false;  // with a request, from its last byte to the last one of the answer

 private:
  // A client of HTTP/1.0 knows no chunks: there the end of the connection ends the body.
  bool SendStream(HttpReply& reply) {
    const bool chunked = reply.response.version() >= 11;
    http::response<http::empty_body> head(reply.response.base());
    head.chunked(chunked);
    if (!chunked) head.keep_alive(false);
    http::response_serializer<http::empty_body> serializer(head);
    bool sent = Await(
        [&]() -> asio::awaitable<void> { co_await http::async_write_header(stream, serializer, asio::use_awaitable); });
    if (!sent) return false;
    reply.stream([&](std::string_view piece) {
      if (sent && !piece.empty()) sent = SendPiece(piece, chunked);
      return sent;
    });
    if (!sent || !chunked) return false;
    return Await([&]() -> asio::awaitable<void> {
             co_await asio::async_write(stream, http::make_chunk_last(), asio::use_awaitable);
           }) &&
           head.keep_alive();
  }

  bool SendPiece(std::string_view piece, bool chunked) {
    const asio::const_buffer bytes(piece.data(), piece.size());
    return Await([&]() -> asio::awaitable<void> {
      if (chunked) {
        co_await asio::async_write(stream, http::make_chunk(bytes), asio::use_awaitable);
      } else {
        co_await asio::async_write(stream, bytes, asio::use_awaitable);
      }
    });
  }

  // Runs it on the socket's thread. False when it failed.
  template <typename Operation>
  bool Await(const Operation& operation) {
    const auto timed = [&]() -> asio::awaitable<void> {
      stream.expires_after(limits_.timeout);
      co_await operation();
    };
    try {
      asio::co_spawn(stream.get_executor(), timed(), asio::use_future).get();
      return true;
    } catch (const boost::system::system_error&) {
      return false;  // the client went away, or did not take it in time
    }
  }

  const HttpLimits& limits_;
};

HttpServer::HttpServer(const std::string& host, std::uint16_t port, Handler handler, HttpLimits limits, Refusal refusal)
    : handler_(std::move(handler)),
      refusal_(std::move(refusal)),
      limits_(limits),
      acceptor_(io_, tcp::endpoint(asio::ip::make_address(host), port)),
      address_(AddressOf(acceptor_)),
      workers_(limits_.workers) {
  asio::co_spawn(io_, Accept(), asio::detached);
  thread_ = std::thread([this] { io_.run(); });
}

HttpServer::~HttpServer() {
  Drain(std::chrono::milliseconds(0));
  asio::post(io_, [this] { CloseConnections(/*busy_too=*/true); });
  workers_.join();
  thread_.join();
}

bool HttpServer::Drain(std::chrono::milliseconds time) {
  asio::post(io_, [this] {
    draining_ = true;
    if (acceptor_.is_open()) acceptor_.close();
    CloseConnections(/*busy_too=*/false);
  });
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, time, [this] { return open_ == 0; });
}

void HttpServer::CloseConnections(bool busy_too) {
  for (Connection* connection : connections_) {
    if (busy_too || !connection->busy) connection->stream.close();
  }
}

asio::awaitable<void> HttpServer::Accept() {
  while (!draining_) {
    beast::error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) asio::co_spawn(io_, Serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> HttpServer::Serve(tcp::socket socket) {
  Connection connection(std::move(socket), limits_);
  const bool room = connections_.size() < limits_.connections_max;
  connections_.insert(&connection);
  {
    const std::scoped_lock lock(mutex_);
    open_ = connections_.size();
  }
  try {
    if (room) {
      while (!draining_ && co_await ServeOne(connection)) continue;
    } else {
      co_await TurnAway(connection, 503, "too many connections");
    }
    connection.stream.socket().shutdown(tcp::socket::shutdown_send);
  } catch (const boost::system::system_error&) {
    // The client went away; the connection is closed.
  }
  connections_.erase(&connection);
  const std::scoped_lock lock(mutex_);
  open_ = connections_.size();
  changed_.notify_all();
}

asio::awaitable<bool> HttpServer::ServeOne(Connection& connection) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(limits_.body_bytes_max);
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes_max));
  connection.stream.expires_after(limits_.timeout);
  beast::error_code error;
  co_await http::async_read(connection.stream, connection.buffer, parser,
                            asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    const unsigned status = StatusOf(error);
    if (status != 0) co_await TurnAway(connection, status, ReasonOf(status));
    co_return false;
  }
  connection.busy = true;
  connection.stream.expires_never();  // the handler takes the time it needs
  const HttpRequest request = parser.release();
  const auto answer = [&]() -> asio::awaitable<bool> {
    try {
      HttpReply reply = Handle(request);
      co_return connection.Send(request, reply);
    } catch (const CloseConnection&) {
      co_return false;
    } catch (const std::exception& thrown) {  // by a stream
      LogError(request, thrown);
      co_return false;
    }
  };
  const bool again = co_await asio::co_spawn(workers_, answer(), asio::use_awaitable);
  connection.busy = false;
  co_return again;
}

// Answers, and reads what the client still sends for a while: closing at once could lose it the answer.
asio::awaitable<void> HttpServer::TurnAway(Connection& connection, unsigned status, std::string_view reason) {
  HttpResponse response = refusal_(status, reason);
  response.keep_alive(false);
  response.prepare_payload();
  connection.stream.expires_after(kTurnAwayTime);
  co_await http::async_write(connection.stream, response, asio::use_awaitable);
  connection.stream.socket().shutdown(tcp::socket::shutdown_send);
  std::array<char, 4096> ignored{};
  while (co_await connection.stream.async_read_some(asio::buffer(ignored), asio::use_awaitable) > 0) continue;
}

HttpReply HttpServer::Handle(const HttpRequest& request) const try {
  return handler_(request);
} catch (const std::exception& error) {
  LogError(request, error);
  return {.response = refusal_(500, "internal error")};
}

HttpResponse HttpServer::Refuse(unsigned status, std::string_view reason) {
  return JsonReply(status, boost::json::serialize(boost::json::object{{"error", {{"message", reason}}}})).response;
}

HttpReply JsonReply(unsigned status, std::string body) {
  HttpReply reply;
  reply.response.result(status);
  reply.response.set(http::field::content_type, "application/json");
  reply.response.body() = std::move(body);
  return reply;
}

}  // namespace stack
