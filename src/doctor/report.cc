#include "doctor/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace nightjar::doctor {

std::string_view ToString(Severity severity) {
  switch (severity) {
    case Severity::kOk: return "ok";
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "";
}

std::string Plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::size_t Report::Count(Severity severity) const {
  std::size_t count = 0;
  for (const Section& section : sections)
    count += static_cast<std::size_t>(std::ranges::count(section.findings, severity, &Finding::severity));
  return count;
}

}  // namespace nightjar::doctor
