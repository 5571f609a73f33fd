// scripted_llm: serves ScriptedLlm until SIGTERM or SIGINT.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "stack/scripted_llm.h"
#include "stack/serve.h"

namespace {

constexpr std::size_t kBodyBytesMax = 16U << 20;  // a history with many documents

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw stack::ScriptError("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Serve(std::uint16_t port, const std::string& script_path) {
  stack::BlockStopSignals();
  stack::ScriptedLlm llm(script_path.empty() ? stack::ScriptedLlm::kDefaultScript : ReadFile(script_path));
  const stack::HttpServer server("127.0.0.1", port,
                                 [&](const stack::HttpRequest& request) { return llm.Answer(request); },
                                 {.body_bytes_max = kBodyBytesMax});
  stack::AnnounceAndWait(server.address());
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 8080;
  std::string script_path;
  CLI::App app("An OpenAI-compatible server of models that answer from a script.");
  app.add_option("--port", port, "port on 127.0.0.1; 0 takes a free one")->capture_default_str();
  app.add_option("--script", script_path, "script file; left out: the demo's");
  CLI11_PARSE(app, argc, argv);
  return stack::ServeOrExplain("scripted_llm", port, [&] { Serve(port, script_path); });
}
