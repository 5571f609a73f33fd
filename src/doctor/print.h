// A report for people and for programs.
#pragma once

#include <string>

#include "base/json.h"
#include "doctor/report.h"
#include "terminal/text.h"

namespace nightjar::doctor {

// Lines are broken at the width of the terminal, if it has one.
std::string ToText(const Report& report, const terminal::Options& options);

json::object ToJsonObject(const Report& report);

}  // namespace nightjar::doctor
