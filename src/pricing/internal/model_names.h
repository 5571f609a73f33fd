// Model names as they really come.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nightjar::pricing::internal {

// The names to look for, the likeliest first, all in lower case and without doubles: as sent; with a compact date
// spelled out (-20251211 as -2025-12-11); the last segment of a path, such as models/…, publishers/google/models/…, an
// ARN of Bedrock or vendor/model; without Vertex's @version; without Gemini's -001.
std::vector<std::string> ModelNames(std::string_view sent);

}  // namespace nightjar::pricing::internal
