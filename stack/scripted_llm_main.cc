// scripted_llm: serves ScriptedLlm until SIGTERM or SIGINT.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "stack/scripted_llm.h"

namespace {

constexpr std::size_t kBodyBytesMax = 16U << 20;  // a history with many documents

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw stack::ScriptError("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Serve(std::uint16_t port, const std::string& script_path) {
  // Blocked before the server's threads start, so that only sigwait() below takes them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  stack::ScriptedLlm llm(script_path.empty() ? stack::ScriptedLlm::kDefaultScript : ReadFile(script_path));
  const stack::HttpServer server("127.0.0.1", port,
                                 [&](const stack::HttpRequest& request) { return llm.Answer(request); },
                                 {.body_bytes_max = kBodyBytesMax});
  std::printf("{\"event\":\"ready\",\"http\":\"%s\"}\n", server.address().c_str());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop_signals, &signal);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 8080;
  std::string script_path;
  CLI::App app("An OpenAI-compatible chat server that answers from a script.");
  app.add_option("--port", port, "port on 127.0.0.1; 0 takes a free one")->capture_default_str();
  app.add_option("--script", script_path, "script file; left out: the demo's");
  CLI11_PARSE(app, argc, argv);
  try {
    Serve(port, script_path);
  } catch (const boost::system::system_error& error) {
    std::fprintf(stderr, "scripted_llm: cannot listen on 127.0.0.1:%u: %s\n", unsigned{port},
                 error.code().message().c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scripted_llm: %s\n", error.what());
    return 1;
  }
  return 0;
}
