#include "bench/scratch_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/json.h"

extern char** environ;

namespace nightjar::bench {
namespace {

constexpr auto kStopGrace = std::chrono::seconds(15);
constexpr auto kStopPoll = std::chrono::milliseconds(20);

std::string ErrnoText() { return std::strerror(errno); }

// The port in an address such as {"otlp_http": "127.0.0.1:4318"}.
Result<std::uint16_t> PortIn(const json::object& ready, std::string_view name) {
  const auto* address = ready.if_contains(name);
  if (address == nullptr || !address->is_string())
    return Fail(ErrorCode::kInternal, fmt::format("the ready line has no {}", name));
  const std::string_view text = address->get_string();
  std::uint16_t port = 0;
  std::from_chars(text.data() + text.rfind(':') + 1, text.data() + text.size(), port);
  return port;
}

Result<json::object> ParseObject(std::string_view text) {
  ASSIGN_OR_RETURN(json::value value, ParseJson(text));
  if (!value.is_object()) return Fail(ErrorCode::kInternal, fmt::format("not a JSON object: {}", text));
  return std::move(value.get_object());
}

}  // namespace

Result<ScratchServer> ScratchServer::Start(const std::filesystem::path& program, const std::filesystem::path& scratch) {
  std::string directory = (scratch / "nightjar-bench-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr)
    return Fail(ErrorCode::kFailedPrecondition, fmt::format("cannot make {}: {}", directory, ErrnoText()));
  ScratchServer server;
  server.data_directory_ = directory;

  std::array<int, 2> out{};
  if (pipe2(out.data(), O_CLOEXEC) != 0) return Fail(ErrorCode::kInternal, "pipe: " + ErrnoText());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::array<std::string, 12> arguments = {program.string(),   "serve",   "--port",      "0",
                                           "--otlp-http-port", "0",       "--grpc-port", "0",
                                           "--data-dir",       directory, "--log-level", "warn"};
  std::array<char*, arguments.size() + 1> pointers{};
  for (std::size_t i = 0; i < arguments.size(); ++i) pointers[i] = arguments[i].data();
  const int error = posix_spawn(&server.pid_, program.c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  Result<void> ready;
  if (error != 0) {
    server.pid_ = 0;
    ready = Fail(ErrorCode::kNotFound, fmt::format("cannot run {}: {}", program.string(), std::strerror(error)));
  } else {
    ready = server.WaitUntilReady(out[0]);
  }
  close(out[0]);
  RETURN_IF_ERROR(std::move(ready));
  return server;
}

Result<void> ScratchServer::WaitUntilReady(int stdout_fd) {
  std::string line;
  for (char letter = 0; read(stdout_fd, &letter, 1) == 1 && letter != '\n';) line += letter;
  if (line.empty()) return Fail(ErrorCode::kUnavailable, "the server ended before it was ready");
  ASSIGN_OR_RETURN(const json::object ready, ParseObject(line));
  ASSIGN_OR_RETURN(http_port_, PortIn(ready, "http"));
  ASSIGN_OR_RETURN(otlp_http_port_, PortIn(ready, "otlp_http"));
  ASSIGN_OR_RETURN(grpc_port_, PortIn(ready, "grpc"));
  return {};
}

ScratchServer::ScratchServer(ScratchServer&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      http_port_(other.http_port_),
      otlp_http_port_(other.otlp_http_port_),
      grpc_port_(other.grpc_port_),
      data_directory_(std::exchange(other.data_directory_, {})) {}

ScratchServer::~ScratchServer() {
  if (pid_ != 0) {
    kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + kStopGrace;
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > deadline) kill(pid_, SIGKILL);
      std::this_thread::sleep_for(kStopPoll);
    }
  }
  std::error_code ignored;  // what stays below the scratch directory is not worth failing a finished run
  if (!data_directory_.empty()) std::filesystem::remove_all(data_directory_, ignored);
}

}  // namespace nightjar::bench
