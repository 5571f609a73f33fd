// The configuration of `nightjar serve`: flag, else environment variable, else TOML file, else default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/http/http_server.h"

namespace nightjar::app {

// The defaults are those of the table of settings in config.cc.
struct ServeConfig {
  std::string host;
  std::uint16_t port = 0;
  std::uint16_t otlp_http_port = 0;
  std::uint16_t grpc_port = 0;
  std::filesystem::path data_dir;
  std::filesystem::path engine_library;
  std::string log_level;
  bool insecure_no_auth = false;
  std::vector<std::string> cors_allowed_origins;  // or "*"
  server::HttpLimits http;
  std::uint64_t journal_bytes_max = 0;
  std::uint64_t disk_reserve_bytes = 0;
  std::uint64_t engine_memory_bytes = 0;
};

struct ServeArguments {
  std::optional<ServeConfig> config;  // absent: `exit_code` says how to end
  int exit_code = 0;
};

// Reads the arguments after "serve". --help is printed here, and leaves the config absent with exit code 0.
Result<ServeArguments> ReadServeConfig(const std::vector<std::string>& arguments);

}  // namespace nightjar::app
