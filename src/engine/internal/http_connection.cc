#include "engine/internal/http_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <vector>

namespace nightjar::engine {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {
constexpr std::uint32_t kHeadBytesMax = 1 << 20;  // the statement of an insert is in the URL
constexpr std::size_t kPieceBytes = 1 << 20;
}  // namespace

struct HttpConnection::Impl {
  asio::io_context context{1};  // never run: every call blocks
  asio::local::stream_protocol::socket socket{context};
  beast::flat_buffer buffer{2 * kPieceBytes};
  std::optional<http::request_parser<http::buffer_body>> parser;
  std::vector<char> piece = std::vector<char>(kPieceBytes);
  beast::error_code error;
  bool keep_alive = true;  // as the client asked
  bool closing = false;

  http::response<http::span_body<const char>> Response(unsigned status, std::string_view type, std::string_view body) {
    http::response<http::span_body<const char>> response{static_cast<http::status>(status), 11};
    response.set(http::field::content_type, {type.data(), type.size()});
    response.keep_alive(keep_alive && !closing);
    response.body() = {body.data(), body.size()};
    return response;
  }
};

HttpConnection::HttpConnection(int socket) : impl_(std::make_unique<Impl>()) {
  if (impl_->socket.assign(asio::local::stream_protocol(), socket, impl_->error)) close(socket);
}

HttpConnection::~HttpConnection() = default;

bool HttpConnection::ReadHead() {
  Impl& c = *impl_;
  if (!open() || !c.keep_alive) return false;
  c.parser.emplace();
  c.parser->body_limit(boost::none);  // an insert may be of any size: it is not kept
  c.parser->header_limit(kHeadBytesMax);
  http::read_header(c.socket, c.buffer, *c.parser, c.error);
  if (c.error) return false;
  c.keep_alive = c.parser->get().keep_alive();
  if (beast::iequals(c.parser->get()[http::field::expect], "100-continue")) {
    http::response<http::empty_body> go_on{http::status::continue_, 11};
    http::write(c.socket, go_on, c.error);
  }
  return !c.error;
}

std::string HttpConnection::method() const { return std::string(impl_->parser->get().method_string()); }
std::string HttpConnection::target() const { return std::string(impl_->parser->get().target()); }
std::string HttpConnection::content_type() const {
  return std::string(impl_->parser->get()[http::field::content_type]);
}

std::string_view HttpConnection::ReadBody() {
  Impl& c = *impl_;
  if (c.error || c.parser->is_done()) return {};
  auto& body = c.parser->get().body();
  body.data = c.piece.data();
  body.size = c.piece.size();
  body.more = true;
  http::read(c.socket, c.buffer, *c.parser, c.error);
  if (c.error == http::error::need_buffer) c.error = {};  // the piece is full
  if (c.error) return {};
  return {c.piece.data(), c.piece.size() - body.size};
}

bool HttpConnection::body_whole() const { return !impl_->error && impl_->parser->is_done(); }

void HttpConnection::Send(const Answer& answer) {
  Impl& c = *impl_;
  while (!ReadBody().empty()) continue;
  if (c.error) return;
  auto response = c.Response(answer.status, answer.content_type, answer.body);
  if (answer.exception_code != 0) response.set("X-ClickHouse-Exception-Code", std::to_string(answer.exception_code));
  response.prepare_payload();
  http::write(c.socket, response, c.error);
}

void HttpConnection::SendHead() {
  Impl& c = *impl_;
  if (c.error) return;
  auto response = c.Response(200, "application/octet-stream", {});
  response.chunked(true);
  http::response_serializer<http::span_body<const char>> serializer{response};
  http::write_header(c.socket, serializer, c.error);
}

void HttpConnection::SendPiece(std::string_view bytes) {
  if (impl_->error || bytes.empty()) return;
  asio::write(impl_->socket, http::make_chunk(asio::const_buffer(bytes.data(), bytes.size())), impl_->error);
}

void HttpConnection::SendEnd() {
  if (!impl_->error) asio::write(impl_->socket, http::make_chunk_last(), impl_->error);
}

void HttpConnection::Close() { impl_->closing = true; }
void HttpConnection::Shutdown() { ::shutdown(socket(), SHUT_RDWR); }

int HttpConnection::socket() const { return impl_->socket.native_handle(); }
bool HttpConnection::open() const { return !impl_->error && !impl_->closing; }

}  // namespace nightjar::engine
