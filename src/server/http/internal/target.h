// The request target (RFC 9112 section 3.2) and percent-encoding (RFC 3986 section 2.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nightjar::server::internal {

enum class Plus {
  kIsPlus,   // in a path
  kIsSpace,  // in a query, as forms and URLSearchParams write it
};

// nullopt when a '%' is not followed by two hexadecimal digits, or the outcome is not UTF-8.
std::optional<std::string> PercentDecode(std::string_view text, Plus plus);

struct Target {
  std::string_view encoded_path;  // a view into the text given to ParseTarget
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};

// Takes the origin form ("/path?query") and the absolute form ("http://host/path?query"). Characters that the RFC wants
// encoded but browsers send as they are ('|', '{') are accepted. A NUL in the path is an error.
Result<Target> ParseTarget(std::string_view text);

}  // namespace nightjar::server::internal
