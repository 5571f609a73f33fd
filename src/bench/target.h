// The server that is measured: one of our own on a scratch directory, or one that runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "bench/scratch_server.h"

namespace nightjar::bench {

struct Target {
  std::string host = "127.0.0.1";
  std::uint16_t otlp_http_port = 0;
  std::uint16_t grpc_port = 0;           // 0: not known, as below
  std::uint16_t api_port = 0;            // of our own API
  pid_t pid = 0;                         // without it CPU and memory stay unknown
  std::filesystem::path data_directory;  // without it the use of the disk does
};

inline Target TargetOf(const ScratchServer& server) {
  return {.otlp_http_port = server.otlp_http_port(),
          .grpc_port = server.grpc_port(),
          .api_port = server.http_port(),
          .pid = server.pid(),
          .data_directory = server.data_directory()};
}

}  // namespace nightjar::bench
