// One span as text for people.
#pragma once

#include <string>

#include "nightjar/export.h"

namespace nightjar::sdk {

// One line, and one indented line for each event, link and attribute; ends with a line break.
std::string FormatSpan(const SpanRecord& span);

}  // namespace nightjar::sdk
