// One connection: reads requests one after the other within the limits, hands them to their handlers, writes answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "server/http/http_server.h"
#include "server/http/internal/byte_budget.h"
#include "server/http/internal/exchange.h"
#include "server/http/internal/worker_pool.h"
#include "server/http/router.h"
#include "server/net/served_connection.h"

namespace nightjar::server::internal {

// What the connections of one server share; outlives them.
struct SessionContext {
  const HttpLimits& limits;
  const Router& router;
  WorkerPool& workers;
  WorkerPool& readers;
  std::shared_ptr<ByteBudget> budget;  // owned by the server and by every charge
};

class Session : public ServedConnection {
 public:
  Session(boost::asio::ip::tcp::socket socket, const SessionContext& context);

  boost::asio::awaitable<void> Run() override;
  void FinishSoon() override;
  void Abort() override;
  void GiveWay() override;

 private:
  struct Hold;
  struct Incoming;  // one request while it is read and answered
  struct Answer;
  enum class ReadResult { kMore, kFull, kClosed };

  // Reads one request and has it answered; nothing of the answer is sent yet.
  boost::asio::awaitable<Answer> TakeRequest();
  // Each of these returns why the request is refused. When the connection was lost meanwhile, open_ is false.
  boost::asio::awaitable<std::optional<Refused>> ReadHeader(Incoming& in);
  std::optional<Refused> TakeHeader(Incoming& in);
  boost::asio::awaitable<std::optional<Refused>> ReadBody(Incoming& in);
  // Decodes the body and runs the handler.
  boost::asio::awaitable<Response> Dispatch(Incoming& in);
  Response Word(const Request& request, const Refused& refused);

  boost::asio::awaitable<void> WaitForFirstByte();
  boost::asio::awaitable<ReadResult> ReadSome();
  // False: the buffer is full. REQUIRES: no read is under way
  bool StartRead();
  void EndRead(boost::system::error_code ec, std::size_t received);
  struct Parts {
    std::string_view head;
    std::string_view body = {};
    std::string_view tail = {};
  };
  boost::asio::awaitable<void> Write(Parts parts);
  boost::asio::awaitable<void> WriteResponse(const Answer& answer, bool keep_alive);
  boost::asio::awaitable<void> WritePieces(const Answer& answer);
  void AskForPiece(const Answer& answer);
  boost::asio::awaitable<void> Linger();

  // Meanwhile the client is watched: what it sends is kept for the next request, and that it leaves is told.
  boost::asio::awaitable<Outcome> WaitForOutcome();
  void Deliver(Outcome outcome);
  void SetDeadline(std::chrono::milliseconds timeout);
  std::shared_ptr<Session> Self() { return std::static_pointer_cast<Session>(shared_from_this()); }
  void Close();
  void Reset();  // Close() that the client cannot take for an end
  [[nodiscard]] WorkerPool& PoolOf(RunOn where) const;
  std::string_view unread() const { return {buffer_.get() + begin_, end_ - begin_}; }

  const SessionContext& context_;
  const std::size_t buffer_bytes_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer deadline_;  // closes the connection when it expires
  boost::asio::steady_timer wake_;      // never expires; cancelled when outcome_ or bytes arrive, or at the end
  std::string remote_address_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;  // buffer_[begin_, end_) was received and not yet parsed
  std::size_t end_ = 0;
  std::optional<Outcome> outcome_;
  std::stop_source abandoned_{std::nostopstate};  // of the request that a handler has
  bool open_ = true;
  bool reading_ = false;      // into buffer_, from end_ on: nothing there may move
  bool input_ended_ = false;  // the client sends no more
  bool giving_way_ = false;   // unless the read has brought something
  bool finishing_ = false;
};

}  // namespace nightjar::server::internal
