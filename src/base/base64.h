// Base64 with the standard alphabet and padding (RFC 4648, section 4): the JSON form of bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nightjar {

std::string ToBase64(std::string_view bytes);

// Nothing unless `text` is whole groups of four with correct padding. Of the last group's unused bits nothing is asked.
std::optional<std::string> FromBase64(std::string_view text);

}  // namespace nightjar
