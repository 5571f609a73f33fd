// The configuration of `nightjar serve`: flag, else environment variable, else TOML file, else default.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace nightjar::app {

struct ServeConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6006;
  std::uint16_t otlp_http_port = 4318;
  std::uint16_t grpc_port = 4317;
  std::filesystem::path data_dir;
  std::filesystem::path engine_library;
  std::string log_level = "info";
  bool insecure_no_auth = false;
};

struct ServeArguments {
  std::optional<ServeConfig> config;  // absent: `exit_code` says how to end
  int exit_code = 0;
};

// Reads the arguments after "serve". --help is printed here, and leaves the config absent with exit code 0.
Result<ServeArguments> ReadServeConfig(const std::vector<std::string>& arguments);

}  // namespace nightjar::app
