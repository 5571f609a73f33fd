// One gRPC call as its method sees it: what was asked, and the way back of the answer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/grpc/internal/status.h"
#include "server/http/internal/byte_budget.h"

namespace nightjar::server::internal {

// One or both.
struct CallEvent {
  std::optional<std::string> message;  // encoded
  std::optional<GrpcStatus> end;
};

// Owned by its connection while the stream is open, by a worker's task, and by whoever is to answer, which may be later
// than the end of the connection and of the server.
class Call {
 public:
  // `deliver` is called with the lock held: it must only hand the event on.
  Call(std::string remote, std::shared_ptr<ByteBudget> budget, std::function<void(CallEvent)> deliver)
      : peer(std::move(remote)), charge(std::move(budget)), deliver_(std::move(deliver)) {}

  // Thread-safe. Dropped when the client is gone or the call has ended.
  void Send(std::string message);
  void Finish(GrpcStatus status);
  void SendAndFinish(std::string message);
  void Fail(const Error& error) { Finish(ToGrpcStatus(error)); }
  void Detach();
  [[nodiscard]] bool ended() const;

  // First value of that name, in lower case; empty when absent.
  [[nodiscard]] std::string_view metadata(std::string_view name) const;

  // The connection's until the call is handed to its method; constant afterwards.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string path;        // "/package.Service/Method"
  const std::string peer;  // "127.0.0.1:51234"
  ByteCharge charge;       // of the headers and the message; used by one thread at a time

 private:
  void Deliver(CallEvent event);

  mutable std::mutex mutex_;
  std::function<void(CallEvent)> deliver_;  // guarded by mutex_
};

enum class CallShape {
  kUnary,            // one message each way
  kServerStreaming,  // one message, many answers
  kBidirectional,    // each message is handed over as it comes; the end of them ends the call with OK
};

enum class CallRunsOn {
  kIo,      // does not block and is quick
  kWorker,  // messages are decompressed there too
};

struct GrpcMethod {
  CallShape shape = CallShape::kUnary;
  CallRunsOn where = CallRunsOn::kIo;
  std::size_t message_bytes_max = 0;
  // Answers now or later; an exception ends the call with INTERNAL.
  std::function<void(const std::shared_ptr<Call>&, std::string message)> handle;
};

using GrpcMethods = std::unordered_map<std::string, GrpcMethod>;  // by path

}  // namespace nightjar::server::internal
