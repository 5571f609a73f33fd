// `nightjar serve` as a child process on a scratch directory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace nightjar::bench {

// Started by Start, stopped by the destructor (SIGTERM, then SIGKILL after 15 s), which also removes the directory.
class ScratchServer {
 public:
  // Runs `program serve` with free ports on a new directory below `scratch`; its stderr goes to this process's.
  // Returns when it is ready.
  static Result<ScratchServer> Start(const std::filesystem::path& program, const std::filesystem::path& scratch);
  ScratchServer(ScratchServer&& other) noexcept;
  ScratchServer& operator=(ScratchServer&&) = delete;
  ~ScratchServer();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t http_port() const { return http_port_; }
  [[nodiscard]] std::uint16_t otlp_http_port() const { return otlp_http_port_; }
  [[nodiscard]] std::uint16_t grpc_port() const { return grpc_port_; }
  [[nodiscard]] const std::filesystem::path& data_directory() const { return data_directory_; }

 private:
  ScratchServer() = default;
  Result<void> WaitUntilReady(int stdout_fd);

  pid_t pid_ = 0;
  std::uint16_t http_port_ = 0;
  std::uint16_t otlp_http_port_ = 0;
  std::uint16_t grpc_port_ = 0;
  std::filesystem::path data_directory_;
};

}  // namespace nightjar::bench
