// JSON as strangers write it: Python's repr of lists and dicts ({'a': None}), and text that was cut at a length.
#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"

namespace nightjar::semconv::internal {

enum class Spelling { kJson, kPython, kCut };

struct LenientJson {
  json::value value;
  Spelling spelling = Spelling::kJson;
};

// An object or a list; nothing for other text, for words that neither language knows, and below kJsonDepthMax levels.
// What was cut keeps all that had arrived of it; a key without a value is left out.
std::optional<LenientJson> ParseLenient(std::string_view text);

}  // namespace nightjar::semconv::internal
