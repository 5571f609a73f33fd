#include "doctor/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <utility>

namespace nightjar::doctor {
namespace {

constexpr std::size_t kWidthMax = 110;  // longer lines are hard to read
constexpr std::size_t kIndent = 10;     // of what stands beside a severity

std::string_view ColorOf(Severity severity) {
  switch (severity) {
    case Severity::kOk: return "32";
    case Severity::kInfo: return "36";
    case Severity::kWarning: return "33";
    case Severity::kError: return "31";
  }
  return "0";
}

// Words of `text`, broken into lines; each but the first begins with kIndent blanks.
std::string Wrapped(std::string_view text, const terminal::Options& options) {
  std::string out;
  std::size_t column = kIndent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t blank = out.empty() ? 0 : 1;
    const bool fits =
        out.empty() || options.width == 0 || column + blank + word.size() <= std::min(options.width, kWidthMax);
    if (!out.empty()) out += fits ? " " : "\n" + std::string(kIndent, ' ');
    column = fits ? column + blank + word.size() : kIndent + word.size();
    out += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void AppendFinding(const Finding& finding, const terminal::Options& options, std::string& out) {
  const std::string severity = fmt::format("{:<7}", ToString(finding.severity));
  const std::string margin(kIndent, ' ');
  fmt::format_to(std::back_inserter(out), "  {} {}\n", terminal::Colored(severity, ColorOf(finding.severity), options),
                 Wrapped(terminal::Harmless(finding.message), options));
  if (!finding.remedy.empty())
    fmt::format_to(std::back_inserter(out), "{}{}\n", margin,
                   Wrapped("-> " + terminal::Harmless(finding.remedy), options));
  if (finding.trace_ids.empty()) return;
  constexpr std::size_t kTracesShownMax = 3;
  std::string ids = "traces";
  for (std::size_t i = 0; i < std::min(finding.trace_ids.size(), kTracesShownMax); ++i)
    ids += " " + terminal::Harmless(finding.trace_ids[i]);
  fmt::format_to(std::back_inserter(out), "{}{}\n", margin, Wrapped(ids, options));
}

}  // namespace

std::string ToText(const Report& report, const terminal::Options& options) {
  std::string out;
  for (const Section& section : report.sections) {
    fmt::format_to(std::back_inserter(out), "{}\n", terminal::Colored(terminal::Harmless(section.title), "1", options));
    for (const Finding& finding : section.findings) AppendFinding(finding, options, out);
    out += "\n";
  }
  const std::size_t errors = report.Count(Severity::kError);
  const std::size_t warnings = report.Count(Severity::kWarning);
  const Severity worst = errors != 0 ? Severity::kError : warnings != 0 ? Severity::kWarning : Severity::kOk;
  out += terminal::Colored(fmt::format("{}, {}", Plural(errors, "error"), Plural(warnings, "warning")), ColorOf(worst),
                           options);
  return out + "\n";
}

json::object ToJsonObject(const Report& report) {
  json::array sections;
  for (const Section& section : report.sections) {
    json::array findings;
    for (const Finding& finding : section.findings)
      findings.push_back({{"severity", ToString(finding.severity)},
                          {"code", finding.code},
                          {"message", finding.message},
                          {"remedy", finding.remedy.empty() ? json::value() : json::value(finding.remedy)},
                          {"trace_ids", json::array(finding.trace_ids.begin(), finding.trace_ids.end())}});
    sections.push_back({{"title", section.title}, {"findings", std::move(findings)}});
  }
  return {{"ok", report.Count(Severity::kError) == 0},
          {"errors", report.Count(Severity::kError)},
          {"warnings", report.Count(Severity::kWarning)},
          {"sections", std::move(sections)}};
}

}  // namespace nightjar::doctor
