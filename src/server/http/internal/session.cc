#include "server/http/internal/session.h"

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
#include <boost/beast/http/status.hpp>
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

bool IsWellFormed(const Response& response) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return std::ranges::none_of(response.content_type, is_control) &&
         std::ranges::none_of(response.headers, [&](const Header& header) {
           return std::ranges::any_of(header.name, is_control) || std::ranges::any_of(header.value, is_control);
         });
}

bool HasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string Head(const Response& response, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += std::string_view(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(response.status))));
  head += "\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  for (const Header& header : response.headers) add(header.name, header.value);
  if (HasBody(response.status)) {
    if (!response.content_type.empty()) add("Content-Type", response.content_type);
    add("Content-Length", std::to_string(response.body.size()));
  }
  if (!keep_alive) add("Connection", "close");
  return head + "\r\n";
}

}  // namespace

struct Session::Incoming {
  Incoming(const SessionContext& context, std::function<void(Outcome)> deliver)
      : exchange(std::make_shared<Exchange>(context.budget, std::move(deliver))) {
    parser.header_limit(static_cast<std::uint32_t>(context.limits.header_bytes_max));
    parser.body_limit(boost::none);  // counted by ReadBody, with the budget
  }
  ~Incoming() { exchange->Detach(); }  // the connection no longer waits for it, or was lost
  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  http::request_parser<ArrivedBody> parser;
  const std::shared_ptr<Exchange> exchange;
  Admission admission;
};

struct Session::Answer {
  Response response;
  bool head_only = false;
  bool keep_alive = false;  // as far as the request goes
  bool read_whole = false;  // what follows is the next request
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
    co_await WriteResponse(answer.response, answer.head_only, keep_alive);
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
    co_await Write("HTTP/1.1 100 Continue\r\n\r\n");
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
    WorkerPool& pool = where == RunOn::kReader ? context_.readers : context_.workers;
    const bool queued = pool.TryRun([exchange, &handler, coding, on_worker, bytes_max] {
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
  abandoned_ = std::stop_source(std::nostopstate);
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
  idle_ = true;
  SetDeadline(context_.limits.idle_timeout);
  co_await ReadSome();
  idle_ = false;
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
  socket_.async_read_some(
      asio::buffer(buffer_.get() + end_, buffer_bytes_ - end_),
      [self = shared_from_this()](error_code ec, std::size_t received) { self->EndRead(ec, received); });
  return true;
}

void Session::EndRead(error_code ec, std::size_t received) {
  reading_ = false;
  end_ += received;
  if (ec && ec != asio::error::eof) return Close();
  if (ec) {
    input_ended_ = true;
    abandoned_.request_stop();
  }
  wake_.cancel();
}

asio::awaitable<void> Session::Write(std::string_view bytes) {
  const auto [ec, written] = co_await asio::async_write(socket_, asio::buffer(bytes), kNoThrow);
  if (ec) Close();
}

asio::awaitable<void> Session::WriteResponse(const Response& response, bool head_only, bool keep_alive) {
  if (!IsWellFormed(response)) {
    spdlog::error("an answer of status {} has a control character in a header", response.status);
    const Response replacement{.status = 500, .content_type = "", .body = "", .headers = {}};
    co_await WriteResponse(replacement, head_only, keep_alive);
    co_return;
  }
  const std::string head = Head(response, keep_alive);
  std::string_view body = response.body;
  if (head_only || !HasBody(response.status)) body = {};

  std::string_view part = body.substr(0, kWriteStepBytes);
  const std::array<asio::const_buffer, 2> first = {asio::buffer(head), asio::buffer(part)};
  SetDeadline(context_.limits.write_timeout);
  const auto [ec, written] = co_await asio::async_write(socket_, first, kNoThrow);
  if (ec) Close();
  for (body.remove_prefix(part.size()); open_ && !body.empty(); body.remove_prefix(part.size())) {
    part = body.substr(0, kWriteStepBytes);
    SetDeadline(context_.limits.write_timeout);
    co_await Write(part);
  }
  deadline_.cancel();
}

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
  asio::post(socket_.get_executor(), [self = shared_from_this(), outcome = std::move(outcome)]() mutable {
    self->outcome_ = std::move(outcome);
    self->wake_.cancel();
  });
}

void Session::SetDeadline(std::chrono::milliseconds timeout) {
  deadline_.expires_after(timeout);
  deadline_.async_wait([self = shared_from_this()](error_code ec) {
    // The wait may end just before a later deadline is set and be told only afterwards.
    if (!ec && self->deadline_.expiry() <= asio::steady_timer::clock_type::now()) self->Close();
  });
}

void Session::FinishSoon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->finishing_ = true;
    if (self->idle_) self->Close();
  });
}

void Session::Abort() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->Close(); });
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
