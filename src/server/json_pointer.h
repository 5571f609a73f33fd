// Steps of a JSON pointer (RFC 6901).
#pragma once

#include <string>
#include <string_view>

namespace nightjar::server {

// "/" and the member's key, escaped as section 3 says.
inline std::string PointerStep(std::string_view key) {
  std::string step = "/";
  for (const char c : key) step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return step;
}

}  // namespace nightjar::server
