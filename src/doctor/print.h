// A report for people and for programs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"
#include "doctor/report.h"

namespace nightjar::doctor {

// What a terminal would obey or hide is spelled out: control characters as \x1b, characters that change the direction
// of text as \u202e.
std::string ForTerminal(std::string_view text);

struct PrintOptions {
  bool color = false;
  std::size_t width = 0;  // lines are broken at it; 0: never
};
std::string ToText(const Report& report, const PrintOptions& options);

json::object ToJsonObject(const Report& report);

}  // namespace nightjar::doctor
