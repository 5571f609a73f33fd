// The agent over HTTP.
//
//   POST /chat      {"message": "…", "stream": false}   → {"reply": "…", "trace_id": "…", "stop_reason": "…"}
//                   X-User-Id and X-Session-Id: go to the agent's span; a session's earlier questions go to the model
//                   "stream": true → server-sent events: data {"delta": "…"}, at last event "done" with the above, or
//                   event "error" with {"error": …}
//   POST /feedback  {"trace_id": "…", "score": 0 or 1, "comment": "…"}   becomes an annotation of the trace
//   GET /healthz    {"status": "ok"}; its trace is not recorded
//
// Every answer has X-Trace-Id; the trace goes on with the request's traceparent. Errors are
// {"error": {"code": "…", "message": "…"}, "trace_id": "…"}; what exactly went wrong with the model is told on the span
// and on stderr, not to the client.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "stack/agent.h"
#include "stack/feedback.h"
#include "stack/http_server.h"
#include "stack/request_trace.h"
#include "stack/sessions.h"

namespace stack {

struct ChatServiceConfig {
  AgentConfig agent = {.review = false};
  SessionLimits sessions = {};
  std::size_t message_bytes_max = 32'000;
};

// Thread-safe.
class ChatService {
 public:
  // REQUIRES: `agent` and `feedback` outlive it.
  ChatService(const Agent& agent, const FeedbackClient& feedback, ChatServiceConfig config = {})
      : agent_(agent), feedback_(feedback), config_(std::move(config)), sessions_(config_.sessions) {}

  // For HttpServer: the handler, and the answer to what the handler does not see.
  [[nodiscard]] HttpReply Answer(const HttpRequest& request);
  [[nodiscard]] static HttpResponse Refuse(unsigned status, std::string_view reason);

  // Ends what runs: it is answered 503.
  void Stop() { stop_.request_stop(); }

 private:
  struct Question {
    std::string message;
    bool stream = false;
    std::string user;
    std::string session;
  };
  [[nodiscard]] Question ReadQuestion(const HttpRequest& request) const;
  [[nodiscard]] HttpReply Chat(const HttpRequest& request, RequestTrace& trace);
  [[nodiscard]] HttpReply ChatStreamed(Question question, RequestTrace& trace);
  // {"reply": …}
  [[nodiscard]] std::string Run(const Question& question, RequestTrace& trace,
                                std::function<void(std::string_view)> on_text);
  [[nodiscard]] HttpReply TakeFeedback(const HttpRequest& request) const;

  const Agent& agent_;
  const FeedbackClient& feedback_;
  const ChatServiceConfig config_;
  Sessions sessions_;
  std::stop_source stop_;
};

}  // namespace stack
