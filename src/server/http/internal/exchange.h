// One request on its way through decoding and its handler, and the way back of its outcome to the connection.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "server/http/http.h"
#include "server/http/internal/byte_budget.h"
#include "server/http/internal/content_coding.h"
#include "server/http/router.h"

namespace nightjar::server::internal {

// A refusal that the path's owner words, and the headers that HTTP wants with its status.
struct Refused {
  Refusal refusal;
  std::vector<Header> headers;
  bool close = false;  // where the next request begins is not known
};

struct BodyReady {};  // decoded on a worker; the handler is to run on the I/O thread

// The next piece of a body that is made while it is sent.
struct Piece {
  Result<std::string> bytes;
};

using Outcome = std::variant<Response, Refused, BodyReady, Piece>;

// Owned by the connection until it has an answer or has sent its last piece, by a worker's task, and by every copy of
// the handler's Respond, which may outlive connection and server.
class Exchange {
 public:
  // `deliver` is called with the lock held: it must only hand the outcome on.
  Exchange(std::shared_ptr<ByteBudget> budget, std::function<void(Outcome)> deliver);

  // Thread-safe. After Detach() an outcome is dropped: nobody is left to read it.
  void Finish(Outcome outcome);
  void Detach();

  // The connection's until the request is handed to a worker or a handler.
  Request request;
  ByteCharge charge;

 private:
  std::mutex mutex_;
  std::function<void(Outcome)> deliver_;  // guarded by mutex_
};

// Replaces the request's encoded body by its content. False when it was refused; the exchange is then finished.
// REQUIRES: the body is not empty
bool DecodeBody(Exchange& exchange, ContentCoding coding, std::size_t body_bytes_max);

// Calls the handler; catches, logs and answers what it throws.
void RunHandler(const std::shared_ptr<Exchange>& exchange, const Handler& handler);

// The same for the next piece of its answer; what is thrown is an outcome that is no Piece.
void RunNextPiece(const std::shared_ptr<Exchange>& exchange, const NextPiece& next_piece);

// 503 with a retry hint: a limit on all connections together is reached.
Refused Overloaded(std::string message);

}  // namespace nightjar::server::internal
