// The scripted models, served: what the tests' clients ask.
#pragma once

#include <string>

#include "stack/http_server.h"
#include "stack/llm.h"
#include "stack/scripted_llm.h"

namespace stack {

class ScriptedServer {
 public:
  explicit ScriptedServer(const std::string& script = ScriptedLlm::kDefaultScript)
      : models_(script),
        server_("127.0.0.1", 0, [this](const HttpRequest& request) { return models_.Answer(request); }) {}

  [[nodiscard]] std::string url() const { return "http://" + server_.address() + "/v1"; }

  // Waits a millisecond before it asks again.
  [[nodiscard]] ModelServerConfig config() const {
    return {.base_url = url(), .retry = {.first_delay = std::chrono::milliseconds(1)}};
  }
  [[nodiscard]] LlmClient client() const { return LlmClient({.server = config(), .model = "qwen2.5-7b-instruct"}); }

 private:
  ScriptedLlm models_;
  HttpServer server_;
};

// {"conversations": [{"goal_contains": "", "turns": [TURNS]}]}
inline std::string Script(const std::string& turns) {
  return R"({"conversations": [{"goal_contains": "", "turns": [)" + turns + "]}]}";
}

}  // namespace stack
