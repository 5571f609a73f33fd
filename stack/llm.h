// A client of OpenAI-compatible chat servers, traced.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace stack {

// The server could not be reached, refused the request, or answered something that is not a chat completion.
class LlmError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct LlmConfig {
  std::string base_url;  // such as http://127.0.0.1:8080/v1
  std::string model;
  std::string api_key;  // empty: no Authorization header
  std::chrono::seconds timeout{120};

  // LLM_BASE_URL (else http://localhost:8080/v1), LLM_MODEL (else qwen2.5-7b-instruct), LLM_API_KEY.
  static LlmConfig FromEnvironment();
};

struct ChatOptions {
  std::string model = {};  // empty: the client's
  double temperature = 0.7;
  std::optional<int> max_tokens = {};
  boost::json::array tools = {};  // empty: the model must answer in words
};

// Thread-safe.
class LlmClient {
 public:
  explicit LlmClient(LlmConfig config) : config_(std::move(config)) {}

  // Returns the message of the first choice. Traced as a span "llm.chat". Throws LlmError.
  [[nodiscard]] boost::json::object Chat(const boost::json::array& messages, const ChatOptions& options = {}) const;

 private:
  [[nodiscard]] std::string Post(const std::string& body) const;

  const LlmConfig config_;
};

}  // namespace stack
