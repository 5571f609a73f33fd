// The protocol of one connection without its socket: bytes in, calls handed to their methods, answers out. HTTP/2
// (RFC 9113) is nghttp2's; gRPC over it is PROTOCOL-HTTP2.md's.
#pragma once

#include <nghttp2/nghttp2.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "server/grpc/grpc_server.h"
#include "server/grpc/internal/call.h"
#include "server/grpc/internal/message_reader.h"
#include "server/http/internal/byte_budget.h"
#include "server/http/internal/worker_pool.h"

namespace nightjar::server::internal {

// What the connections of one server share; outlives them.
struct GrpcContext {
  const GrpcLimits& limits;
  const GrpcMethods& methods;
  WorkerPool& workers;
  std::shared_ptr<ByteBudget> budget;  // owned by the server and by every charge
  // A call that no method saw, or a connection that did not speak gRPC (its path is empty). Thread-safe.
  std::function<void(std::string_view peer, std::string_view path, const GrpcStatus& status)> refused;
};

// One thread at a time.
class H2Session {
 public:
  using Clock = std::chrono::steady_clock;
  // Brings a call's event to Answer() later, on the session's thread. Thread-safe.
  using Post = std::function<void(std::int32_t stream_id, CallEvent event)>;

  // REQUIRES: `context` outlives the session.
  H2Session(const GrpcContext& context, std::string peer, Post post);
  ~H2Session();
  H2Session(const H2Session&) = delete;
  H2Session& operator=(const H2Session&) = delete;

  // False: the client does not keep to the protocol or its limits; send what is pending and close.
  [[nodiscard]] bool Receive(std::string_view bytes);
  // The next bytes to send, valid until the next call; empty when there are none now.
  std::string_view Pending();
  // How many frames wait to be sent.
  [[nodiscard]] std::size_t pending_frames() const { return nghttp2_session_get_outbound_queue_size(session_.get()); }

  void Answer(std::int32_t stream_id, CallEvent event);

  // Ends calls whose time is over. False: the client stalls in a way that only ends with the connection.
  [[nodiscard]] bool CheckDeadlines(Clock::time_point now);
  void Ping();
  // Takes no further calls; done() once those in flight have ended.
  void FinishSoon();
  // Every call is cancelled; nothing may be received or sent afterwards.
  void Detach();

  [[nodiscard]] bool greeted() const { return greeted_; }
  [[nodiscard]] std::size_t calls() const { return streams_.size(); }
  [[nodiscard]] bool done() const;

 private:
  struct Stream;
  struct Callbacks;
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };

  Stream* Find(std::int32_t stream_id);
  void Begin(std::int32_t stream_id);
  bool TakeHeader(Stream& stream, std::string_view name, std::string_view value);
  void Open(Stream& stream);
  void TakeBytes(Stream& stream, std::string_view bytes);
  void EndInput(Stream& stream);
  void Dispatch(Stream& stream, FramedMessage message);
  void Refuse(Stream& stream, const GrpcStatus& status);
  void Refuse(Stream& stream, ErrorCode code, std::string message);
  void SubmitAnswer(Stream& stream);
  // Takes one of what is left of an allowance; without one the connection ends.
  void Spend(double& left);

  const GrpcContext& context_;
  const std::string peer_;
  const Post post_;
  std::unique_ptr<nghttp2_session, Deleter> session_;
  std::unordered_map<std::int32_t, std::unique_ptr<Stream>> streams_;
  double control_frames_left_;
  double client_resets_left_;
  Clock::time_point refilled_ = Clock::now();
  std::int32_t last_stream_ = 0;           // that the client has begun
  std::optional<std::string> last_words_;  // once nghttp2 has given up, and must not be asked for frames any more
  bool last_words_said_ = false;
  bool greeted_ = false;  // the client's SETTINGS have come
  bool calm_ = true;      // false: over an allowance
};

}  // namespace nightjar::server::internal
