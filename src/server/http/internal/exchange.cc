#include "server/http/internal/exchange.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <exception>
#include <new>
#include <utility>

#include "base/check.h"

namespace nightjar::server::internal {
namespace {

// Shared by the copies of one Respond or PieceDone. Its end without an answer is the handler's bug, and is answered for
// it.
class Promise {
 public:
  enum class State { kOpen, kThrew, kNoMemory, kAnswered };

  explicit Promise(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  ~Promise() {
    const State state = state_.load();
    if (state == State::kAnswered) return;
    const Request& request = exchange_->request;
    const bool left = request.abandoned.stop_requested();
    if (state == State::kOpen && !left)
      spdlog::error("{} {}: the handler gave no answer", request.method, request.path);
    exchange_->Finish(state == State::kNoMemory ? Overloaded("out of memory") : Refused{{500, "internal error"}, {}});
  }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;

  void Answer(Outcome outcome) {
    CHECK(state_.exchange(State::kAnswered) != State::kAnswered);  // a handler answers once
    exchange_->Finish(std::move(outcome));
  }

  // What was thrown is logged here, once. A copy of Respond that was handed on before may still answer.
  void Threw(const char* what, State kind = State::kThrew) {
    State open = State::kOpen;
    state_.compare_exchange_strong(open, kind);
    spdlog::error("{} {}: the handler threw: {}", exchange_->request.method, exchange_->request.path, what);
  }

 private:
  const std::shared_ptr<Exchange> exchange_;
  std::atomic<State> state_ = State::kOpen;
};

template <typename Call>
void RunGuarded(const std::shared_ptr<Exchange>& exchange, Call call) {
  const auto promise = std::make_shared<Promise>(exchange);
  try {
    call(promise);
  } catch (const std::bad_alloc& e) {
    promise->Threw(e.what(), Promise::State::kNoMemory);
  } catch (const std::exception& e) {
    promise->Threw(e.what());
  } catch (...) {
    promise->Threw("something that is no std::exception");
  }
}

}  // namespace

Exchange::Exchange(std::shared_ptr<ByteBudget> budget, std::function<void(Outcome)> deliver)
    : charge(std::move(budget)), deliver_(std::move(deliver)) {}

void Exchange::Finish(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  if (deliver_) deliver_(std::move(outcome));
}

void Exchange::Detach() {
  const std::lock_guard lock(mutex_);
  deliver_ = nullptr;
}

bool DecodeBody(Exchange& exchange, ContentCoding coding, std::size_t body_bytes_max) {
  std::string& body = exchange.request.body;
  try {
    Result<std::string> plain = Decode(coding, body, body_bytes_max, exchange.charge);
    if (plain) {
      body = *std::move(plain);
      CHECK(exchange.charge.TryResize(body.size()));  // gives the compressed bytes back
      return true;
    }
    const Error& error = plain.error();
    if (error.code == ErrorCode::kUnavailable) {
      exchange.Finish(Overloaded(error.message));
    } else {
      exchange.Finish(Refused{{error.code == ErrorCode::kResourceExhausted ? 413 : 400, error.message}, {}});
    }
  } catch (const std::bad_alloc&) {
    exchange.Finish(Overloaded("out of memory"));
  }
  return false;
}

void RunHandler(const std::shared_ptr<Exchange>& exchange, const Handler& handler) {
  RunGuarded(exchange, [&](const std::shared_ptr<Promise>& promise) {
    handler(exchange->request, [promise](Response response) { promise->Answer(std::move(response)); });
  });
}

void RunNextPiece(const std::shared_ptr<Exchange>& exchange, const NextPiece& next_piece) {
  RunGuarded(exchange, [&](const std::shared_ptr<Promise>& promise) {
    next_piece([promise](Result<std::string> bytes) { promise->Answer(Piece{std::move(bytes)}); });
  });
}

Refused Overloaded(std::string message) { return {{503, std::move(message)}, {{"Retry-After", "1"}}}; }

}  // namespace nightjar::server::internal
