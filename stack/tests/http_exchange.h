// A plain HTTP client for tests: what is sent, byte by byte, and the answer whole.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <string>
#include <string_view>

namespace stack {

class HttpExchange {
 public:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  explicit HttpExchange(const std::string& address) : socket_(io_) {
    const std::size_t colon = address.find(':');
    socket_.connect({boost::asio::ip::make_address(address.substr(0, colon)),
                     static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)))});
  }

  void Send(std::string_view bytes) { boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size())); }

  // Throws boost::system::system_error when the server closes the connection before.
  Response Receive() {
    Response response;
    boost::beast::http::read(socket_, buffer_, response);
    return response;
  }

  // True when the server closes the connection without a further byte.
  bool Closed() {
    char byte = 0;
    boost::system::error_code error;
    return socket_.read_some(boost::asio::buffer(&byte, 1), error) == 0 && static_cast<bool>(error);
  }

  void Close() { socket_.close(); }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

// A request with these header lines, each ended by CRLF.
inline std::string RequestText(std::string_view line, std::string_view headers = {}, std::string_view body = {}) {
  return std::string(line) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

inline HttpExchange::Response Exchange(const std::string& address, const std::string& request) {
  HttpExchange exchange(address);
  exchange.Send(request);
  return exchange.Receive();
}

}  // namespace stack
