#include "doctor/ask_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/utf8.h"
#include "client/http_client.h"

namespace nightjar::doctor {
namespace {

using client::HttpClient;

// Members that are absent, or of another type, are as if they were null: the server may be of another version.
const json::value& At(const json::object& object, std::string_view path) {
  static const json::value nothing;
  const json::object* inner = &object;
  for (;;) {
    const std::size_t dot = path.find('.');
    const json::value* member = inner->if_contains(path.substr(0, dot));
    if (member == nullptr) return nothing;
    if (dot == std::string_view::npos) return *member;
    inner = member->if_object();
    if (inner == nullptr) return nothing;
    path.remove_prefix(dot + 1);
  }
}

std::string TextAt(const json::object& object, std::string_view path) {
  const json::string* text = At(object, path).if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::optional<std::uint64_t> CountAt(const json::object& object, std::string_view path) {
  const json::value& value = At(object, path);
  if (const std::uint64_t* number = value.if_uint64()) return *number;
  const std::int64_t* number = value.if_int64();
  return number != nullptr && *number >= 0 ? std::optional(static_cast<std::uint64_t>(*number)) : std::nullopt;
}

std::uint64_t NumberAt(const json::object& object, std::string_view path) { return CountAt(object, path).value_or(0); }

// Calls use(object) for each object of a list.
template <typename Use>
void ForEach(const json::object& object, std::string_view path, Use use) {
  const json::array* items = At(object, path).if_array();
  if (items == nullptr) return;
  for (const json::value& item : *items)
    if (const json::object* entry = item.if_object()) use(*entry);
}

std::string About(std::chrono::seconds time) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::duration_cast;
  const auto in = [](auto units, std::string_view noun) {
    return Plural(static_cast<std::uint64_t>(units.count()), noun);
  };
  if (time >= days(2)) return in(duration_cast<days>(time), "day");
  if (time >= hours(2)) return in(duration_cast<hours>(time), "hour");
  if (time >= minutes(2)) return in(duration_cast<minutes>(time), "minute");
  return in(time, "second");
}

// "3 minutes ago"; a text of nanoseconds since 1970.
std::string Ago(const std::string& unix_ns) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto then = std::chrono::nanoseconds(std::strtoll(unix_ns.c_str(), nullptr, 10));
  return About(std::max(std::chrono::seconds(0), std::chrono::duration_cast<std::chrono::seconds>(now - then))) +
         " ago";
}

void AddReadiness(HttpClient& http, std::vector<Finding>& findings) {
  const auto ready = http.Get("/readyz");
  if (ready && ready->status == 200) {
    findings.push_back({Severity::kOk, "ready", "spans can be received and read"});
    return;
  }
  std::string why = ready ? fmt::format("it answers {}", ready->status) : ready.error().message;
  if (ready) {
    const auto body = ParseJson(ready->body);
    if (body && body->is_object())
      if (const std::string message = TextAt(body->get_object(), "error.message"); !message.empty()) why = message;
  }
  findings.push_back({Severity::kError, "not_ready", "not ready: " + why,
                      "what was acknowledged is safe; see the server's log, the disk and the engine below"});
}

void AddEngine(const json::object& status, std::vector<Finding>& findings) {
  const std::string state = TextAt(status, "engine.state");
  const std::uint64_t restarts = NumberAt(status, "engine.restarts");
  if (state != "ready")
    findings.push_back({Severity::kError, "engine_down", fmt::format("the telemetry engine is {}", state),
                        "spans are received meanwhile; see the server's log for why it does not start"});
  if (restarts != 0)
    findings.push_back({Severity::kWarning, "engine_restarts",
                        fmt::format("the telemetry engine was started again {}, last after {}",
                                    Plural(restarts, "time"), TextAt(status, "engine.last_exit")),
                        "see the server's log; signal 9 is mostly a lack of memory"});
  if (const json::value& sandboxed = At(status, "engine.sandboxed"); sandboxed.is_bool() && !sandboxed.get_bool())
    findings.push_back({Severity::kWarning, "no_sandbox", "the telemetry engine runs without a sandbox",
                        "use a kernel with Landlock (Linux 5.13 or newer, switched on)"});
  if (state == "ready" && restarts == 0)
    findings.push_back({Severity::kOk, "engine",
                        fmt::format("the telemetry engine {} runs since the start", TextAt(status, "engine.version"))});
}

void AddJournal(const json::object& status, std::vector<Finding>& findings) {
  const std::string state = TextAt(status, "journal.state");
  const std::string failure = TextAt(status, "journal.failure");
  const std::uint64_t pending = NumberAt(status, "journal.pending_requests");
  if (state == "read_only")
    findings.push_back({Severity::kError, "journal_failed", "nothing can be received, the journal failed: " + failure,
                        "check the disk, then start the server again"});
  else if (state == "refusing")
    findings.push_back({Severity::kError, "journal_full", "nothing is received: " + failure,
                        "free disk space, or raise --journal-max-bytes; clients send again"});
  else
    findings.push_back({Severity::kOk, "journal",
                        pending == 0 ? "everything that was acknowledged is stored"
                                     : Plural(pending, "acknowledged request") + " waiting in the journal"});
  if (const std::uint64_t bytes = NumberAt(status, "journal.corrupt_bytes"); bytes != 0)
    findings.push_back({Severity::kError, "journal_damaged", fmt::format("{} bytes of the journal were damaged", bytes),
                        "check the disk; damaged files lie in journal/ with names that end in .damaged"});
  if (const std::uint64_t count = NumberAt(status, "journal.quarantined_requests"); count != 0)
    findings.push_back({Severity::kError, "quarantined", fmt::format("{} requests could not be stored", count),
                        "they are kept in quarantine/ of the data directory; report them"});
}

void AddReceived(const json::object& status, std::vector<Finding>& findings) {
  const json::array* warnings = At(status, "warnings").if_array();
  if (warnings != nullptr)
    for (const json::value& warning : *warnings)
      if (const json::string* text = warning.if_string())
        findings.push_back({Severity::kWarning, "status_warning", std::string(*text)});
  const std::string rederive = TextAt(status, "rederive.state");
  if (rederive == "running" || rederive == "waiting")
    findings.push_back({Severity::kInfo, "rederive",
                        fmt::format("stored spans are derived again by newer rules or prices: {} done, {} left",
                                    NumberAt(status, "rederive.done"), NumberAt(status, "rederive.left"))});
  if (const std::uint64_t failed = NumberAt(status, "rederive.failed"); failed != 0)
    findings.push_back({Severity::kWarning, "rederive_failed",
                        fmt::format("{} stored spans could not be read to be derived again", failed),
                        "see the server's log; restore a backup if the disk is damaged"});
  const std::string last = TextAt(status, "ingest.last_span_unix_ns");
  if (last.empty())
    findings.push_back({Severity::kInfo, "nothing_received", "no span has come since the start",
                        fmt::format("send OTLP/HTTP to http://{} or {}, or gRPC to {}", TextAt(status, "listen.http"),
                                    TextAt(status, "listen.otlp_http"), TextAt(status, "listen.grpc"))});
  else
    findings.push_back({Severity::kOk, "received",
                        fmt::format("{} received since the start, the last {}",
                                    Plural(NumberAt(status, "ingest.spans"), "span"), Ago(last))});
}

// What was refused within the last hour is an error: it is missing.
void AddRefusals(const json::object& rejected, std::vector<Finding>& findings) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  ForEach(rejected, "data", [&](const json::object& row) {
    const std::string time = TextAt(row, "time_unix_ns");
    const bool recent = std::chrono::nanoseconds(std::strtoll(time.c_str(), nullptr, 10)) + std::chrono::hours(1) > now;
    const bool taken = NumberAt(row, "status") == 200;
    const std::string requests = Plural(NumberAt(row, "count"), "request");
    findings.push_back(
        {recent && !taken ? Severity::kError : Severity::kWarning, taken ? "odd_request" : "refused",
         fmt::format("{}: {} from {} to {}, the last {}: {}", taken ? "taken, with something amiss" : "refused",
                     requests, TextAt(row, "remote"), TextAt(row, "path"), Ago(time), TextAt(row, "reason")),
         TextAt(row, "fix")});
  });
}

Severity SeverityOf(std::string_view word) {
  if (word == "error") return Severity::kError;
  return word == "warning" ? Severity::kWarning : Severity::kInfo;
}

void AddConventions(const json::object& health, std::vector<Finding>& findings) {
  ForEach(health, "dialects", [&](const json::object& dialect) {
    constexpr std::size_t kShownMax = 4;
    std::string libraries;
    std::size_t count = 0;
    ForEach(dialect, "libraries", [&](const json::object& library) {
      if (++count > kShownMax) return;
      const std::string name = TextAt(library, "name");
      libraries += fmt::format("{}{} {}", count > 1 ? ", " : "", name.empty() ? "(no scope name)" : name,
                               TextAt(library, "version"));
      if (libraries.ends_with(' ')) libraries.pop_back();
    });
    if (count > kShownMax) libraries += fmt::format(" and {} more", count - kShownMax);
    findings.push_back({Severity::kOk, "convention",
                        fmt::format("{}: {} by {}", TextAt(dialect, "dialect"),
                                    Plural(NumberAt(dialect, "spans"), "span"), libraries)});
  });
}

void AddUnknownAttributes(const json::object& health, std::vector<Finding>& findings) {
  constexpr std::size_t kShownMax = 10;
  constexpr std::size_t kExampleCharactersMax = 40;
  std::string keys;
  std::size_t count = 0;
  ForEach(health, "unknown_attributes", [&](const json::object& attribute) {
    if (++count > kShownMax) return;
    keys += fmt::format("{}{} ({}", count > 1 ? ", " : "", TextAt(attribute, "key"), NumberAt(attribute, "count"));
    if (const std::string example = TextAt(attribute, "example"); !example.empty())
      keys += fmt::format(", such as {}", Utf8Prefix(example, kExampleCharactersMax));
    keys += ")";
  });
  if (count == 0) return;
  if (count > kShownMax) keys += fmt::format(" and {} more", count - kShownMax);
  findings.push_back(
      {Severity::kInfo, "unknown_attributes",
       fmt::format("{} that no rule reads; they are shown as they are: {}", Plural(count, "attribute"), keys)});
}

Result<Section> AskProject(HttpClient& http, const std::string& project) {
  ASSIGN_OR_RETURN(const json::object health,
                   http.GetObject("/api/v1/projects/" + client::PercentEncode(project) + "/ingest-health"));
  Section section{
      .title = fmt::format("Project {}: {} in {}, {} of a model", project, Plural(NumberAt(health, "spans"), "span"),
                           Plural(NumberAt(health, "traces"), "trace"), Plural(NumberAt(health, "calls"), "call")),
      .findings = {}};
  ForEach(health, "findings", [&](const json::object& found) {
    std::string part = std::to_string(NumberAt(found, "count"));
    if (const auto of = CountAt(found, "of")) part += fmt::format(" of {}", *of);
    Finding& finding = section.findings.emplace_back();
    finding.severity = SeverityOf(TextAt(found, "severity"));
    finding.code = TextAt(found, "code");
    finding.message = fmt::format("{} {}", part, TextAt(found, "message"));
    finding.remedy = TextAt(found, "remedy");
    if (const json::array* ids = At(found, "trace_ids").if_array())
      for (const json::value& id : *ids)
        if (const json::string* text = id.if_string()) finding.trace_ids.emplace_back(*text);
  });
  std::ranges::stable_sort(section.findings, std::ranges::greater(), &Finding::severity);
  AddUnknownAttributes(health, section.findings);
  AddConventions(health, section.findings);
  return section;
}

Result<std::vector<std::string>> NamesOfProjects(HttpClient& http) {
  ASSIGN_OR_RETURN(const json::object projects, http.GetObject("/api/v1/projects"));
  std::vector<std::pair<std::string, std::string>> seen;  // last seen, name
  ForEach(projects, "data", [&](const json::object& project) {
    seen.emplace_back(TextAt(project, "last_seen_unix_ns"), TextAt(project, "name"));
  });
  std::ranges::sort(seen, [](const auto& a, const auto& b) {
    return a.first.size() != b.first.size() ? a.first.size() > b.first.size() : a.first > b.first;
  });
  std::vector<std::string> names;
  for (auto& [time, name] : seen) names.push_back(std::move(name));
  return names;
}

void AddProjects(HttpClient& http, const ServerOptions& options, std::vector<Section>& sections) {
  std::vector<std::string> names = {options.project};
  std::size_t left_out = 0;
  if (options.project.empty()) {
    Result<std::vector<std::string>> all = NamesOfProjects(http);
    if (!all) {
      sections.push_back({"Projects", {{Severity::kError, "no_answer", all.error().message}}});
      return;
    }
    names = *std::move(all);
    left_out = names.size() - std::min(names.size(), kProjectsMax);
    names.resize(names.size() - left_out);
  }
  for (const std::string& name : names) {
    Result<Section> section = AskProject(http, name);
    sections.push_back(section
                           ? *std::move(section)
                           : Section{"Project " + name, {{Severity::kError, "no_answer", section.error().message}}});
  }
  if (left_out != 0)
    sections.push_back({"Other projects",
                        {{Severity::kInfo, "left_out", fmt::format("{} projects were not looked at", left_out),
                          "name one with --project"}}});
}

}  // namespace

Result<std::vector<Section>> AskServer(const ServerOptions& options) {
  HttpClient http(options.url, options.headers);
  ASSIGN_OR_RETURN(const json::object status, http.GetObject("/api/v1/status"));
  const std::string version = TextAt(status, "version");
  if (version.empty() || !status.contains("journal"))
    return Fail(ErrorCode::kUnavailable, options.url + " is not a Nightjar server");

  std::vector<Section> sections;
  Section& server = sections.emplace_back();
  server.title = fmt::format("Server {} (nightjar {}), up {}, {:.1f} MB stored", options.url, version,
                             About(std::chrono::seconds(NumberAt(status, "uptime_s"))),
                             static_cast<double>(NumberAt(status, "storage_bytes")) / 1e6);
  AddReadiness(http, server.findings);
  AddEngine(status, server.findings);
  AddJournal(status, server.findings);
  AddReceived(status, server.findings);
  if (const auto rejected = http.GetObject("/api/v1/rejected")) {
    AddRefusals(*rejected, server.findings);
  } else {
    server.findings.push_back({Severity::kError, "no_answer", rejected.error().message});
  }
  AddProjects(http, options, sections);
  return sections;
}

}  // namespace nightjar::doctor
