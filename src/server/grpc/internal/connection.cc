#include "server/grpc/internal/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/lexical_cast.hpp>
#include <tuple>
#include <utility>

namespace nightjar::server::internal {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kTick{500};  // how late a deadline may be noticed
constexpr std::string_view kHttp2Begin = "PRI";  // RFC 9113 3.4; no HTTP/1 method begins so
constexpr std::size_t kWriteBytes = 64 << 10;
constexpr std::size_t kPendingFramesMax = 1000;  // while the client does not take so many, nothing more is read from it
constexpr std::size_t kPathBytesMax = 200;       // of a request that is only recorded

std::string RemoteAddress(const asio::ip::tcp::socket& socket) {
  error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  return ec ? std::string() : boost::lexical_cast<std::string>(endpoint);
}

// TLS begins with a handshake record: type 22, version 3.x.
bool IsTls(std::string_view received) { return received.starts_with("\x16\x03"); }

// "POST /v1/traces HTTP/1.1" → "/v1/traces"; empty for what does not look like it.
std::string_view PathOf(std::string_view received) {
  const std::size_t begin = received.find(' ');
  if (begin == std::string_view::npos) return {};
  received.remove_prefix(begin + 1);
  const std::string_view path = received.substr(0, std::min(received.find_first_of(" ?\r\n"), kPathBytesMax));
  const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c <= '~'; });
  return path.starts_with('/') && printable ? path : std::string_view();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, const GrpcContext& context)
    : context_(context),
      socket_(std::move(socket)),
      tick_(socket_.get_executor()),
      written_(socket_.get_executor(), asio::steady_timer::time_point::max()),
      peer_(RemoteAddress(socket_)) {}

asio::awaitable<void> Connection::Run() {
  WatchClock();
  SetIdle();
  std::string begin;
  while (open_ && begin.size() < kHttp2Begin.size()) {
    const std::string_view received = co_await Read();
    begin += received;
    if (!begin.starts_with(kHttp2Begin.substr(0, begin.size()))) break;
  }
  if (open_ && !begin.starts_with(kHttp2Begin)) co_await TurnAway(begin);
  if (!open_) co_return Close();

  const auto post = [weak = std::weak_ptr(Self())](std::int32_t stream_id, CallEvent event) {
    const std::shared_ptr<Connection> self = weak.lock();
    if (!self) return;
    asio::post(self->socket_.get_executor(), [self, stream_id, event = std::move(event)]() mutable {
      if (!self->open_) return;
      self->h2_->Answer(stream_id, std::move(event));
      self->Flush();
    });
  };
  h2_ = std::make_unique<H2Session>(context_, peer_, post);
  if (finishing_) h2_->FinishSoon();
  bool keep = h2_->Receive(begin);
  Flush();
  while (open_ && keep) {
    while (open_ && h2_->pending_frames() > kPendingFramesMax) co_await written_.async_wait(kNoThrow);
    if (!open_) break;
    const std::string_view received = co_await Read();
    if (!open_) break;
    keep = h2_->Receive(received);
    if (h2_->calls() > 0) called_ = Clock::now();
    Flush();
  }
  while (open_ && writing_) co_await written_.async_wait(kNoThrow);  // the client learns why
  Close();
}

asio::awaitable<std::string_view> Connection::Read() {
  const auto [ec, received] = co_await socket_.async_read_some(asio::buffer(in_), kNoThrow);
  if (ec) Close();
  received_ = Clock::now();
  pinged_ = false;
  co_return std::string_view(in_.data(), open_ ? received : 0);
}

// An exporter with a wrong endpoint, most likely.
asio::awaitable<void> Connection::TurnAway(std::string_view received) {
  const bool tls = IsTls(received);
  const std::string message = tls ? "TLS was spoken to the gRPC port, which is plain text"
                                  : "this is the gRPC port, and what came is not HTTP/2";
  context_.refused(peer_, tls ? std::string_view() : PathOf(received),
                   ToGrpcStatus({ErrorCode::kInvalidArgument, message}));
  if (!tls) {
    const std::string body =
        message + "; OTLP over HTTP has ports of its own, 4318 and 6006 unless configured otherwise\n";
    out_ = fmt::format(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
        body.size(), body);
    co_await asio::async_write(socket_, asio::buffer(out_), kNoThrow);
    error_code ec;
    std::ignore = socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    // Until the client has read the answer and closes, or handshake_timeout.
    while (open_) co_await Read();
  }
  Close();
}

void Connection::Flush() {
  if (writing_ || !open_) return;
  if (h2_->calls() > 0) SetBusy();
  out_.clear();
  while (out_.size() < kWriteBytes) {
    const std::string_view bytes = h2_->Pending();
    if (bytes.empty()) break;
    out_ += bytes;
  }
  if (out_.empty()) {
    if (h2_->done()) return Close();
    if (h2_->calls() == 0) SetIdle();
    return;
  }
  writing_ = true;
  write_started_ = Clock::now();
  asio::async_write(socket_, asio::buffer(out_), [self = Self()](error_code ec, std::size_t /*sent*/) {
    self->writing_ = false;
    if (ec) self->Close();
    self->Flush();
    self->written_.cancel();
  });
}

void Connection::WatchClock() {
  if (!open_) return;
  tick_.expires_after(kTick);
  tick_.async_wait([self = Self()](error_code ec) {
    if (ec || !self->open_) return;
    self->CheckClock(Clock::now());
    self->WatchClock();
  });
}

void Connection::CheckClock(Clock::time_point now) {
  const GrpcLimits& limits = context_.limits;
  if (!h2_ || !h2_->greeted()) {
    if (now > opened_ + limits.handshake_timeout) Close();
    return;
  }
  if (writing_ && now > write_started_ + limits.write_timeout) return Close();
  if (!h2_->CheckDeadlines(now)) return Close();
  if (h2_->calls() > 0) {
    called_ = now;
    if (now > received_ + limits.keepalive_after + limits.keepalive_timeout) return Close();
    if (now > received_ + limits.keepalive_after && !std::exchange(pinged_, true)) h2_->Ping();
  } else if (now > called_ + limits.idle_timeout && !std::exchange(finishing_, true)) {
    h2_->FinishSoon();
  }
  Flush();
}

void Connection::FinishSoon() {
  asio::post(socket_.get_executor(), [self = Self()] {
    self->finishing_ = true;
    if (!self->h2_) return self->Close();
    self->h2_->FinishSoon();
    self->Flush();
  });
}

void Connection::Abort() {
  asio::post(socket_.get_executor(), [self = Self()] { self->Close(); });
}

void Connection::GiveWay() {
  asio::post(socket_.get_executor(), [self = Self()] {
    error_code ec;
    if (!self->idle_since() || self->socket_.available(ec) > 0) return self->DoNotGiveWay();
    self->finishing_ = true;
    if (!self->h2_) return self->Close();
    self->h2_->FinishSoon();
    self->Flush();
  });
}

void Connection::Close() {
  open_ = false;
  if (h2_) h2_->Detach();
  error_code ec;
  std::ignore = socket_.close(ec);
  tick_.cancel();
  written_.cancel();
}

}  // namespace nightjar::server::internal
