// What a running server tells of itself and of what it receives.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "doctor/report.h"

namespace nightjar::doctor {

struct ServerOptions {
  std::string url = "http://127.0.0.1:6006";
  std::vector<std::string> headers;  // "name: value", with every request
  std::string project;               // empty: every project, the latest first
};

// Projects whose spans are looked at when none is named.
constexpr std::size_t kProjectsMax = 50;

// kUnavailable: nobody answers at the address, or not as Nightjar does.
Result<std::vector<Section>> AskServer(const ServerOptions& options);

}  // namespace nightjar::doctor
