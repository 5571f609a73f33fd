// UTF-8 checks. OTLP strings must be UTF-8; what is not is mended where it enters, so that no later stage sees it.
#pragma once

#include <string>
#include <string_view>

namespace nightjar {

bool IsValidUtf8(std::string_view text);

// `text` with every byte that is not part of a well-formed sequence (Unicode 15, table 3-7) replaced by U+FFFD.
std::string ReplaceInvalidUtf8(std::string_view text);

// The longest prefix of valid UTF-8 `text` with at most `characters_max` code points.
std::string_view Utf8Prefix(std::string_view text, std::size_t characters_max);

}  // namespace nightjar
