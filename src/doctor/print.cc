#include "doctor/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <utility>

#include "base/utf8.h"

namespace nightjar::doctor {
namespace {

constexpr std::size_t kIndent = 10;  // of what stands beside a severity

std::string_view ColorOf(Severity severity) {
  switch (severity) {
    case Severity::kOk: return "32";
    case Severity::kInfo: return "36";
    case Severity::kWarning: return "33";
    case Severity::kError: return "31";
  }
  return "0";
}

std::string Colored(std::string_view text, std::string_view color, const PrintOptions& options) {
  return options.color ? fmt::format("\033[{}m{}\033[0m", color, text) : std::string(text);
}

// C0, DEL, C1, line and paragraph separators, marks and overrides of direction, the byte order mark.
bool IsUnprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || c == 0x061C;
}

// The first character of valid UTF-8 text.
std::pair<char32_t, std::size_t> FirstCharacter(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t c = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) c = c << 6U | (at(i) & 0x3FU);
  return {c, size};
}

// Words of `text`, broken into lines; each but the first begins with kIndent blanks.
std::string Wrapped(std::string_view text, const PrintOptions& options) {
  std::string out;
  std::size_t column = kIndent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t blank = out.empty() ? 0 : 1;
    const bool fits = out.empty() || options.width == 0 || column + blank + word.size() <= options.width;
    if (!out.empty()) out += fits ? " " : "\n" + std::string(kIndent, ' ');
    column = fits ? column + blank + word.size() : kIndent + word.size();
    out += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void AppendFinding(const Finding& finding, const PrintOptions& options, std::string& out) {
  const std::string severity = fmt::format("{:<7}", ToString(finding.severity));
  const std::string margin(kIndent, ' ');
  fmt::format_to(std::back_inserter(out), "  {} {}\n", Colored(severity, ColorOf(finding.severity), options),
                 Wrapped(ForTerminal(finding.message), options));
  if (!finding.remedy.empty())
    fmt::format_to(std::back_inserter(out), "{}{}\n", margin, Wrapped("-> " + ForTerminal(finding.remedy), options));
  if (finding.trace_ids.empty()) return;
  constexpr std::size_t kTracesShownMax = 3;
  std::string ids = "traces";
  for (std::size_t i = 0; i < std::min(finding.trace_ids.size(), kTracesShownMax); ++i)
    ids += " " + ForTerminal(finding.trace_ids[i]);
  fmt::format_to(std::back_inserter(out), "{}{}\n", margin, Wrapped(ids, options));
}

}  // namespace

std::string ForTerminal(std::string_view text) {
  const std::string valid = ReplaceInvalidUtf8(text);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [c, size] = FirstCharacter(rest);
    if (!IsUnprintable(c)) {
      out += rest.substr(0, size);
    } else {
      const auto number = static_cast<std::uint32_t>(c);
      out += number < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
    }
    rest.remove_prefix(size);
  }
  return out;
}

std::string ToText(const Report& report, const PrintOptions& options) {
  std::string out;
  for (const Section& section : report.sections) {
    fmt::format_to(std::back_inserter(out), "{}\n", Colored(ForTerminal(section.title), "1", options));
    for (const Finding& finding : section.findings) AppendFinding(finding, options, out);
    out += "\n";
  }
  const std::size_t errors = report.Count(Severity::kError);
  const std::size_t warnings = report.Count(Severity::kWarning);
  const Severity worst = errors != 0 ? Severity::kError : warnings != 0 ? Severity::kWarning : Severity::kOk;
  out += Colored(fmt::format("{}, {}", Plural(errors, "error"), Plural(warnings, "warning")), ColorOf(worst), options);
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
