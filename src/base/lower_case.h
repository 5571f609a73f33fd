// Text without the difference of upper and lower case.
#pragma once

#include <string>
#include <string_view>

namespace nightjar {

// ASCII only; other bytes stay.
std::string LowerCase(std::string_view text);

}  // namespace nightjar
