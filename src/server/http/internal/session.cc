#include "server/http/internal/session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/lexical_cast.hpp>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <tuple>
#include <utility>
#include <variant>

#include "server/http/internal/admission.h"
#include "server/http/internal/protocol.h"
#include "server/http/internal/response_head.h"
#include "server/http/internal/target.h"

namespace nightjar::server::internal {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kBufferBytesMin = 32 << 10;
// One write and its timeout: a client that reads slower than this within write_timeout is cut off.
constexpr std::size_t kWriteStepBytes = 1 << 20;
// How long bytes of a refused request are still taken, so that a client which writes before it reads gets the answer
// instead of a reset connection.
constexpr std::chrono::seconds kLingerTime{5};
constexpr const char* kBudgetSpent = "too many bytes of requests are in work";

// Beast's BodyReader.
class ArrivedBodyReader {
 public:
  template <bool kIsRequest, class Fields>
  ArrivedBodyReader(http::header<kIsRequest, Fields>&, std::string& body) : body_(body) {}
  static void init(const boost::optional<std::uint64_t>&, error_code& ec) { ec = {}; }
  template <class Buffers>
  std::size_t put(const Buffers& buffers, error_code& ec) {
    ec = {};
    const std::size_t before = body_.size();
    for (const asio::const_buffer part : boost::beast::buffers_range_ref(buffers)) {
      body_.append(static_cast<const char*>(part.data()), part.size());
    }
    return body_.size() - before;
  }
  static void finish(error_code& ec) { ec = {}; }

 private:
  std::string& body_;
};

// A string that grows as bytes arrive: Content-Length is a claim, and reserves nothing.
struct ArrivedBody {
  using value_type = std::string;
  using reader = ArrivedBodyReader;
};

Refused Refuse(int status, std::string message) { return {{status, std::move(message)}, {}}; }

Refused HeaderTooLarge(std::size_t bytes_max) {
  return Refuse(431, "the header is larger than " + std::to_string(bytes_max) + " bytes");
}

Refused BodyTooLarge(std::size_t bytes_max) {
  return Refuse(413, "the body is larger than " + std::to_string(bytes_max) + " bytes");
}

}  // namespace

// The connection's hold on an exchange: what is delivered after its end is dropped.
struct Session::Hold {
  explicit Hold(std::shared_ptr<Exchange> held) : exchange(std::move(held)) {}
  Hold(Hold&&) = default;
  ~Hold() {
    if (exchange) exchange->Detach();
  }
  std::shared_ptr<Exchange> exchange;
};

struct Session::Incoming {
  Incoming(const SessionContext& context, std::function<void(Outcome)> deliver)
      : exchange(std::make_shared<Exchange>(context.budget, std::move(deliver))), hold(exchange) {
    parser.header_limit(static_cast<std::uint32_t>(context.limits.header_bytes_max));
    parser.body_limit(boost::none);  // counted by ReadBody, with the budget
  }

  http::request_parser<ArrivedBody> parser;
  const std::shared_ptr<Exchange> exchange;
  Hold hold;
  Admission admission;
};

struct Session::Answer {
  Response response;
  bool head_only = false;
  bool keep_alive = false;  // as far as the request goes
  bool read_whole = false;  // what follows is the next request
  HttpVersion version = HttpVersion::k11;
  // Of a body that is made while it is sent: what makes it, which the task that makes the next piece owns too, and
  // where.
  std::optional<Hold> stream;
  std::shared_ptr<const NextPiece> next_piece;
  RunOn where = RunOn::kIoThread;
};

Session::Session(asio::ip::tcp::socket socket, const SessionContext& context)
    : context_(context),
      buffer_bytes_(std::max(kBufferBytesMin, context.limits.header_bytes_max)),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      wake_(socket_.get_executor()),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes_)) {
  error_code ec;
  const auto endpoint = socket_.remote_endpoint(ec);
  if (!ec) remote_address_ = boost::lexical_cast<std::string>(endpoint);
  wake_.expires_at(asio::steady_timer::time_point::max());
}

asio::awaitable<void> Session::Run() {
  while (open_) {
    co_await WaitForFirstByte();
    if (!open_) break;
    const Answer answer = co_await TakeRequest();  // the request's bytes are given back before the answer is written
    if (!open_) break;
    const bool keep_alive = answer.keep_alive && !finishing_;
    co_await WriteResponse(answer, keep_alive);
    if (keep_alive) continue;
    if (open_ && (!answer.read_whole || !unread().empty())) co_await Linger();
    break;
  }
  Close();
}

asio::awaitable<Session::Answer> Session::TakeRequest() {
  Incoming in(context_, [this](Outcome outcome) { Deliver(std::move(outcome)); });
  Answer answer;
  std::optional<Refused> refused = co_await ReadHeader(in);
  if (!open_) co_return answer;
  std::optional<Refused> not_admitted = TakeHeader(in);
  if (!refused) refused = std::move(not_admitted);
  if (!refused) refused = co_await ReadBody(in);
  if (!open_) co_return answer;
  deadline_.cancel();

  const Request& request = in.exchange->request;
  if (refused) {
    answer.response = Word(request, *refused);
  } else {
    answer.response = co_await Dispatch(in);
  }
  answer.head_only = request.method == "HEAD";
  if (in.parser.get().version() < 11) answer.version = HttpVersion::k10;
  if (answer.response.next_piece && !answer.head_only) {
    answer.stream.emplace(std::move(in.hold));
    answer.next_piece = std::make_shared<const NextPiece>(answer.response.next_piece);
    answer.where = in.admission.route.where;
  }
  answer.read_whole = in.parser.is_done() && !(refused && refused->close);
  answer.keep_alive = answer.read_whole && in.parser.get().version() >= 11 && in.parser.keep_alive();
  co_return answer;
}

asio::awaitable<std::optional<Refused>> Session::ReadHeader(Incoming& in) {
  SetDeadline(context_.limits.header_timeout);
  const std::size_t bytes_max = context_.limits.header_bytes_max;
  std::size_t parsed = 0;
  while (true) {
    const Protocol protocol = parsed == 0 ? ProtocolOf(unread()) : Protocol::kHttp1;
    if (protocol != Protocol::kHttp1) co_return Refused{.refusal = WrongProtocol(protocol), .headers = {}};
    error_code ec;
    const std::size_t used = in.parser.put(asio::const_buffer(unread().data(), unread().size()), ec);
    begin_ += used;
    parsed += used;
    if (parsed > bytes_max || ec == http::error::header_limit) co_return HeaderTooLarge(bytes_max);
    if (ec && ec != http::error::need_more) co_return Refuse(400, "not a valid http/1.1 request: " + ec.message());
    if (in.parser.is_header_done()) co_return std::nullopt;
    if (!ec && !unread().empty()) continue;
    if (parsed + unread().size() >= bytes_max) co_return HeaderTooLarge(bytes_max);
    const ReadResult result = co_await ReadSome();
    if (result == ReadResult::kClosed) co_return std::nullopt;
  }
}

std::optional<Refused> Session::TakeHeader(Incoming& in) {
  const auto& message = in.parser.get();
  Request& request = in.exchange->request;
  request.method = std::string(message.method_string());
  request.remote_address = remote_address_;
  for (const auto& field : message) {
    request.headers.push_back({std::string(field.name_string()), std::string(field.value())});
  }
  Result<Target> target = ParseTarget(std::string_view(message.target()));
  if (!target) return Refuse(400, target.error().message);
  request.path = std::move(target->path);
  request.query = std::move(target->query);

  const HttpVersion version = message.version() >= 11 ? HttpVersion::k11 : HttpVersion::k10;
  return Admit(request, version, target->encoded_path, context_.router, in.admission);
}

asio::awaitable<std::optional<Refused>> Session::ReadBody(Incoming& in) {
  const std::size_t bytes_max = context_.limits.body_bytes_max;
  ByteCharge& charge = in.exchange->charge;
  const std::uint64_t announced = in.parser.content_length().value_or(0);
  if (announced > bytes_max) co_return BodyTooLarge(bytes_max);
  if (announced > context_.budget->left()) co_return Overloaded(kBudgetSpent);
  if (in.parser.is_done()) co_return std::nullopt;

  SetDeadline(context_.limits.body_timeout);
  if (in.admission.wants_continue && unread().empty()) {
    co_await Write({"HTTP/1.1 100 Continue\r\n\r\n"});
    SetDeadline(context_.limits.body_timeout);
    if (!open_) co_return std::nullopt;
  }
  std::string& body = in.parser.get().body();
  in.parser.eager(true);
  bool need_more = unread().empty();
  while (!in.parser.is_done()) {
    if (need_more) {
      const ReadResult result = co_await ReadSome();
      if (result == ReadResult::kFull) co_return Refuse(400, "a chunk header or the trailers are too long");
      if (result == ReadResult::kClosed) co_return std::nullopt;
    }
    error_code ec;
    begin_ += in.parser.put(asio::const_buffer(unread().data(), unread().size()), ec);
    need_more = ec == http::error::need_more || unread().empty();
    if (ec && !need_more) co_return Refuse(400, "not a valid http/1.1 body: " + ec.message());
    if (body.size() > bytes_max) co_return BodyTooLarge(bytes_max);
    if (!charge.TryResize(body.size())) co_return Overloaded(kBudgetSpent);
  }
  in.exchange->request.body = std::move(body);
  co_return std::nullopt;
}

asio::awaitable<Response> Session::Dispatch(Incoming& in) {
  const std::shared_ptr<Exchange>& exchange = in.exchange;
  const Handler& handler = *in.admission.route.handler;
  std::optional<ContentCoding> coding = in.admission.coding;
  if (exchange->request.body.empty()) coding.reset();
  const RunOn where = in.admission.route.where;
  const bool on_worker = where != RunOn::kIoThread;
  const std::size_t bytes_max = context_.limits.body_bytes_max;

  outcome_.reset();
  abandoned_ = std::stop_source();
  exchange->request.abandoned = abandoned_.get_token();
  if (input_ended_) abandoned_.request_stop();
  if (coding || on_worker) {
    const bool queued = PoolOf(where).TryRun([exchange, &handler, coding, on_worker, bytes_max] {
      if (coding && !DecodeBody(*exchange, *coding, bytes_max)) return;
      if (on_worker) {
        RunHandler(exchange, handler);
      } else {
        exchange->Finish(BodyReady{});
      }
    });
    if (!queued) co_return Word(exchange->request, Overloaded("too many requests are waiting"));
  } else {
    RunHandler(exchange, handler);
  }
  Outcome outcome = co_await WaitForOutcome();
  if (open_ && std::holds_alternative<BodyReady>(outcome)) {
    RunHandler(exchange, handler);
    outcome = co_await WaitForOutcome();
  }
  if (!open_) co_return Response();
  if (const Refused* refused = std::get_if<Refused>(&outcome)) co_return Word(exchange->request, *refused);
  co_return std::get<Response>(std::move(outcome));
}

Response Session::Word(const Request& request, const Refused& refused) {
  Response response{.status = 500, .content_type = "", .body = "", .headers = {}};
  try {
    response = context_.router.Refuse(request, refused.refusal);
  } catch (const std::exception& e) {
    spdlog::error("{} {}: the refusal handler threw: {}", request.method, request.path, e.what());
  }
  for (const Header& header : refused.headers) {
    const auto same = [&](const Header& other) { return EqualsIgnoringCase(other.name, header.name); };
    if (std::ranges::none_of(response.headers, same)) response.headers.push_back(header);
  }
  return response;
}

asio::awaitable<void> Session::WaitForFirstByte() {
  if (!unread().empty()) co_return;
  if (finishing_) {
    Close();
    co_return;
  }
  SetIdle();
  SetDeadline(context_.limits.idle_timeout);
  co_await ReadSome();
  SetBusy();
}

asio::awaitable<Session::ReadResult> Session::ReadSome() {
  if (open_ && !reading_ && !input_ended_ && !StartRead()) co_return ReadResult::kFull;
  while (open_ && reading_) co_await wake_.async_wait(kNoThrow);
  if (open_ && input_ended_) Close();
  co_return open_ ? ReadResult::kMore : ReadResult::kClosed;
}

bool Session::StartRead() {
  std::memmove(buffer_.get(), buffer_.get() + begin_, unread().size());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_bytes_) return false;
  reading_ = true;
  socket_.async_read_some(asio::buffer(buffer_.get() + end_, buffer_bytes_ - end_),
                          [self = Self()](error_code ec, std::size_t received) { self->EndRead(ec, received); });
  return true;
}

void Session::EndRead(error_code ec, std::size_t received) {
  reading_ = false;
  end_ += received;
  if (std::exchange(giving_way_, false)) {
    error_code unknown;
    if (open_ && ec == asio::error::operation_aborted && socket_.available(unknown) > 0) StartRead();
    if (reading_ || !ec) DoNotGiveWay();
    if (reading_) return;
  }
  if (ec && ec != asio::error::eof) return Close();
  if (ec) {
    input_ended_ = true;
    abandoned_.request_stop();
  }
  wake_.cancel();
}

asio::awaitable<void> Session::Write(Parts parts) {
  do {
    const std::string_view step = parts.body.substr(0, kWriteStepBytes);
    parts.body.remove_prefix(step.size());
    const std::array<asio::const_buffer, 3> buffers = {
        asio::buffer(parts.head), asio::buffer(step),
        asio::buffer(parts.body.empty() ? parts.tail : std::string_view())};
    SetDeadline(context_.limits.write_timeout);
    const auto [ec, written] = co_await asio::async_write(socket_, buffers, kNoThrow);
    if (ec) Close();
    parts.head = {};
  } while (open_ && !parts.body.empty());
  deadline_.cancel();
}

asio::awaitable<void> Session::WriteResponse(const Answer& answer, bool keep_alive) {
  const Response& response = answer.response;
  if (!IsWellFormed(response)) {
    spdlog::error("an answer of status {} has a control character in a header", response.status);
    const std::string replacement = ResponseHead({.status = 500, .content_type = ""}, answer.version, keep_alive);
    co_await Write({replacement});
    co_return;
  }
  const std::string head = ResponseHead(response, answer.version, keep_alive);
  if (answer.stream) {
    co_await Write({head});
    co_await WritePieces(answer);
  } else {
    const bool has_body = !answer.head_only && HasBody(response.status);
    co_await Write({head, has_body ? std::string_view(response.body) : std::string_view()});
  }
}

asio::awaitable<void> Session::WritePieces(const Answer& answer) {
  const std::shared_ptr<Exchange>& exchange = answer.stream->exchange;
  const bool chunked = answer.version == HttpVersion::k11;
  while (open_) {
    AskForPiece(answer);
    const Outcome outcome = co_await WaitForOutcome();
    if (!open_) co_return;
    const Piece* const piece = std::get_if<Piece>(&outcome);
    if (piece == nullptr || !piece->bytes) {
      if (piece != nullptr && !input_ended_) {
        spdlog::warn("{} {}: the answer was broken off: {}", exchange->request.method, exchange->request.path,
                     piece->bytes.error().message);
      }
      // A missing last chunk says enough. In HTTP/1.0 the end of the connection is the end of the body, so that it must
      // not end well.
      co_return chunked ? Close() : Reset();
    }
    const std::string& bytes = *piece->bytes;
    if (bytes.empty()) break;
    std::string chunk_head;
    if (chunked) chunk_head = fmt::format("{:x}\r\n", bytes.size());
    co_await Write({chunk_head, bytes, chunked ? "\r\n" : ""});
  }
  if (open_ && chunked) co_await Write({"0\r\n\r\n"});
}

// Not bounded by the queue: there is one task at most for each connection.
void Session::AskForPiece(const Answer& answer) {
  const std::shared_ptr<Exchange>& exchange = answer.stream->exchange;
  auto ask = [exchange, next_piece = answer.next_piece] { RunNextPiece(exchange, *next_piece); };
  if (answer.where == RunOn::kIoThread) return ask();
  if (!PoolOf(answer.where).GoOn(std::move(ask))) exchange->Finish(Overloaded("the server is stopping"));
}

WorkerPool& Session::PoolOf(RunOn where) const { return where == RunOn::kReader ? context_.readers : context_.workers; }

asio::awaitable<void> Session::Linger() {
  error_code ec;
  std::ignore = socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
  SetDeadline(kLingerTime);
  while (open_) {
    begin_ = end_;
    co_await ReadSome();
  }
}

asio::awaitable<Outcome> Session::WaitForOutcome() {
  while (open_ && !outcome_) {
    // With the buffer full of requests that come next, nobody learns that the client has left.
    if (!reading_ && !input_ended_) StartRead();
    co_await wake_.async_wait(kNoThrow);
  }
  Outcome outcome = outcome_ ? *std::move(outcome_) : Outcome();
  outcome_.reset();
  co_return outcome;
}

void Session::Deliver(Outcome outcome) {
  asio::post(socket_.get_executor(), [self = Self(), outcome = std::move(outcome)]() mutable {
    self->outcome_ = std::move(outcome);
    self->wake_.cancel();
  });
}

void Session::SetDeadline(std::chrono::milliseconds timeout) {
  deadline_.expires_after(timeout);
  deadline_.async_wait([self = Self()](error_code ec) {
    // The wait may end just before a later deadline is set and be told only afterwards.
    if (!ec && self->deadline_.expiry() <= asio::steady_timer::clock_type::now()) self->Close();
  });
}

void Session::FinishSoon() {
  asio::post(socket_.get_executor(), [self = Self()] {
    self->finishing_ = true;
    if (self->idle_since()) self->Close();
  });
}

void Session::Abort() {
  asio::post(socket_.get_executor(), [self = Self()] { self->Close(); });
}

void Session::Reset() {
  error_code ec;
  std::ignore = socket_.set_option(asio::socket_base::linger(true, 0), ec);
  Close();
}

void Session::GiveWay() {
  asio::post(socket_.get_executor(), [self = Self()] {
    if (!self->open_ || !self->reading_ || !self->idle_since()) return self->DoNotGiveWay();
    self->giving_way_ = true;
    error_code ec;
    std::ignore = self->socket_.cancel(ec);  // the read, which may have ended by now with the begin of a request
  });
}

void Session::Close() {
  open_ = false;
  abandoned_.request_stop();
  error_code ec;
  std::ignore = socket_.close(ec);
  deadline_.cancel();
  wake_.cancel();
}

}  // namespace nightjar::server::internal
