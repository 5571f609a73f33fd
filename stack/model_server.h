// A server of models that speaks OpenAI's HTTP API: its address, its key, its retries. OpenAI, Azure OpenAI, vLLM,
// Ollama, llama.cpp and many gateways do.
#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include "nightjar/span.h"
#include "stack/http_client.h"
#include "stack/retry.h"

namespace stack {

// The server could not be reached, refused the request, or answered something else than was asked for.
class LlmError : public std::runtime_error {
 public:
  enum class Kind { kUnreachable, kTimeout, kStopped, kRefused, kMalformed };
  LlmError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
  [[nodiscard]] Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

struct ModelServerConfig {
  // OpenAI    https://api.openai.com/v1
  // Azure     https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT?api-version=2024-10-21
  // vLLM      http://localhost:8000, Ollama http://localhost:11434: without a path, /v1 is added
  std::string base_url;
  std::string api_key = {};           // empty: none is sent. Sent as a bearer token, to *.azure.com as `api-key`
  std::chrono::seconds timeout{120};  // of each attempt; of silence, when the answer is streamed
  RetryPolicy retry = {};
};

// Thread-safe.
class ModelServer {
 public:
  // Throws LlmError when the base URL is not one of http:// or https://.
  explicit ModelServer(ModelServerConfig config);

  struct Call {
    std::string path;  // such as "/chat/completions"
    std::string body;
    std::stop_token stop = {};
    std::function<void(std::string_view)> on_piece = {};  // as in HttpCall; there is no retry after its first call
  };
  // The body of the answer 200. Sends again what is worth it; each retry is an event "retry" of `span`. The current
  // trace goes along in the headers. Throws LlmError.
  [[nodiscard]] std::string Post(const Call& call, nightjar::Span& span) const;

  // Where a path is: after the base URL's path, before its query.
  [[nodiscard]] std::string Url(std::string_view path) const;

  // The name OpenInference has for whoever runs the server; empty when the URL does not tell.
  [[nodiscard]] std::string_view provider() const;

 private:
  [[nodiscard]] bool azure() const;

  ModelServerConfig config_;
  std::string host_;
  std::string root_;   // the URL up to the path's end
  std::string query_;  // "?…", or empty
  HttpClient http_;
};

// The variable, or `otherwise` when it is not set or empty.
[[nodiscard]] std::string Environment(const char* name, std::string_view otherwise);

}  // namespace stack
