// A client of OpenAI-compatible chat servers, traced.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "stack/model_server.h"

namespace stack {

struct LlmConfig {
  ModelServerConfig server;
  std::string model;

  // LLM_BASE_URL (else OPENAI_BASE_URL, else http://localhost:8080/v1), LLM_MODEL (else qwen2.5-7b-instruct),
  // LLM_API_KEY (else OPENAI_API_KEY).
  static LlmConfig FromEnvironment();
};

struct ChatOptions {
  std::string model = {};                   // empty: the client's
  std::optional<double> temperature = 0.7;  // none: the server's; some models refuse any
  std::optional<int> max_tokens = {};
  boost::json::object parameters = {};  // more of the request: top_p, seed, response_format…
  boost::json::array tools = {};        // empty: the model must answer in words
  // Set: the answer is streamed, and its text is passed here as it comes. What it throws ends the call.
  std::function<void(std::string_view)> on_text = {};
  std::stop_token stop = {};  // ends the call, which then throws LlmError
};

struct ChatReply {
  boost::json::object message;                    // of the first choice
  std::string finish_reason = {};                 // "stop", "tool_calls", "length", "content_filter"; empty: not told
  std::optional<std::int64_t> total_tokens = {};  // prompt and completion; none: not told
};

// Thread-safe.
class LlmClient {
 public:
  // Throws LlmError when the base URL is none.
  explicit LlmClient(LlmConfig config) : server_(std::move(config.server)), model_(std::move(config.model)) {}

  // Traced as a span "llm.chat", with an event "retry" for each time it was sent again. Throws LlmError.
  [[nodiscard]] ChatReply Chat(const boost::json::array& messages, const ChatOptions& options = {}) const;

 private:
  [[nodiscard]] std::string Ask(const boost::json::object& request, const ChatOptions& options,
                                nightjar::Span& span) const;
  [[nodiscard]] std::string AskStreamed(ModelServer::Call call, const ChatOptions& options, nightjar::Span& span) const;

  const ModelServer server_;
  const std::string model_;
};

}  // namespace stack
