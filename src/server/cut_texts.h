// Long texts of a Span JSON cut to their beginning, for those who fetch the rest by ranges.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/json.h"

namespace nightjar::server {

// Where the character begins that has the byte at `offset`; the end of a text that is shorter.
std::size_t CharacterBegin(std::string_view utf8, std::size_t offset);

// Cuts every text of more than `bytes_max` bytes, between characters, and adds "cut": [{path, bytes}] to the span: JSON
// pointers to what was cut, and how many bytes it has.
void CutTexts(std::size_t bytes_max, json::object& span);

}  // namespace nightjar::server
