#include "app/tail.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/answers.h"
#include "app/arguments.h"
#include "base/json.h"
#include "base/time_text.h"
#include "client/http_client.h"
#include "terminal/text.h"

namespace nightjar::app {
namespace {

constexpr std::chrono::seconds kQuietMax{45};  // three heartbeats
constexpr std::chrono::seconds kAgainAfter{1};

struct Flags {
  std::string url = "http://127.0.0.1:6006";
  std::vector<std::string> headers;
  std::string project = "default";
  std::string query;
  std::string filter;
  std::string format;
  std::uint64_t limit = 0;  // 0: none
};

std::string TextAt(const json::object& span, std::string_view key) {
  const json::value* value = span.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::value* At(const json::object& span, std::string_view outer, std::string_view inner) {
  const json::value* object = span.if_contains(outer);
  return object != nullptr && object->is_object() ? object->get_object().if_contains(inner) : nullptr;
}

// "12:00:00.123  LLM       chat  1.2 s  gpt-4o  1,230 tokens  $0.02  4bf92f…"
std::string Line(const json::object& span, const terminal::Options& options) {
  UnixNanos start = 0;
  const std::string digits = TextAt(span, "start_unix_ns");
  std::from_chars(digits.data(), digits.data() + digits.size(), start);
  constexpr UnixNanos kMillisecondNs = 1'000'000;
  constexpr std::size_t kDateBytes = 11;  // "2026-01-31T"
  const std::string time = ToRfc3339(start - start % kMillisecondNs).substr(kDateBytes);
  const bool failed = TextAt(span, "status") == "ERROR";
  constexpr std::size_t kTimeWidth = 13;
  constexpr std::size_t kKindWidth = 10;
  std::string line = terminal::Colored(terminal::Fitted(time, kTimeWidth), "2", options) + " " +
                     terminal::Colored(terminal::Fitted(TextAt(span, "kind"), kKindWidth), "36", options) + " " +
                     terminal::Colored(terminal::Harmless(TextAt(span, "name")), failed ? "31" : "1", options);
  const auto add = [&](const std::string& text) {
    if (!text.empty()) line += "  " + terminal::Harmless(text);
  };
  if (const json::value* duration = span.if_contains("duration_ns"); duration != nullptr && duration->is_number())
    add(terminal::Duration(duration->to_number<std::int64_t>()));
  add(TextAt(span, "model"));
  if (const json::value* tokens = At(span, "tokens", "total"); tokens != nullptr && tokens->is_number())
    add(terminal::Grouped(tokens->to_number<std::uint64_t>()) + " tokens");
  if (const json::value* cost = At(span, "cost", "total_usd"); cost != nullptr && cost->is_number())
    add(fmt::format("${:.4g}", cost->to_number<double>()));
  if (failed) add(TextAt(span, "status_message"));
  return line + "  " + terminal::Colored(TextAt(span, "trace_id"), "2", options) + "\n";
}

// Reads events and prints them; what is cut is kept for the next bytes.
class Printer {
 public:
  explicit Printer(const Flags& flags, bool as_lines) : flags_(flags), as_lines_(as_lines) {}

  [[nodiscard]] const std::string& last_id() const { return last_id_; }
  [[nodiscard]] bool done() const { return flags_.limit != 0 && printed_ >= flags_.limit; }
  void Begin() { rest_.clear(); }

  bool Take(std::string_view bytes) {
    rest_ += bytes;
    for (std::size_t end = rest_.find("\n\n"); end != std::string::npos && !done(); end = rest_.find("\n\n")) {
      Event(std::string_view(rest_).substr(0, end));
      rest_.erase(0, end + 2);
    }
    std::fflush(stdout);
    return !done();
  }

 private:
  void Event(std::string_view event) {
    std::string_view data;
    while (!event.empty()) {
      const std::string_view line = event.substr(0, event.find('\n'));
      event.remove_prefix(std::min(event.size(), line.size() + 1));
      if (line.starts_with("id: ")) last_id_ = line.substr(4);
      if (line.starts_with("data: ")) data = line.substr(6);
    }
    if (data.empty()) return;
    ++printed_;
    std::string out = std::string(data) + "\n";
    if (!as_lines_)
      if (const Result<json::value> span = ParseJson(data); span && span->is_object())
        out = Line(span->get_object(), terminal::OfStdout());
    std::fwrite(out.data(), 1, out.size(), stdout);
  }

  const Flags& flags_;
  const bool as_lines_;
  std::string rest_;
  std::string last_id_;
  std::uint64_t printed_ = 0;
};

// Goes on where it was when the server comes back; a first try that fails ends it.
Result<void> Follow(const Flags& flags, Printer& printer) {
  const std::string target =
      fmt::format("/api/v1/stream?project={}&q={}&filter={}", client::PercentEncode(flags.project),
                  client::PercentEncode(flags.query), client::PercentEncode(flags.filter));
  client::HttpClient client(flags.url, flags.headers);
  for (bool begun = false; !printer.done();) {
    printer.Begin();
    std::vector<std::string> headers;
    if (!printer.last_id().empty()) headers.push_back("Last-Event-ID: " + printer.last_id());
    const Result<client::HttpAnswer> answer = client.Stream(target, headers, kQuietMax, [&](std::string_view bytes) {
      begun = true;
      return printer.Take(bytes);
    });
    const bool refused = answer && answer->status != 200 && answer->status != 503;
    if (refused) return Fail(RefusalOf(*answer));
    if (!begun) return Fail(answer ? RefusalOf(*answer) : answer.error());
    if (!printer.done()) std::this_thread::sleep_for(kAgainAfter);
  }
  return {};
}

}  // namespace

int RunTail(int argc, char** argv) {
  Flags flags;
  CLI::App cli("Shows spans of a running server as they arrive.", "nightjar tail");
  cli.add_option("query", flags.query, "only those that match, such as 'kind:llm status:error' (docs/guide/query.md)");
  cli.add_option("--filter", flags.filter, "a filter of Phoenix instead of a query (docs/guide/phoenix_filters.md)");
  cli.add_option("--url", flags.url, "the server's API")->capture_default_str();
  cli.add_option("--header", flags.headers, "a header for every request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--project", flags.project, "whose spans")->capture_default_str();
  cli.add_option("--limit", flags.limit, "end after so many spans");
  cli.add_option("--format", flags.format, "of a span [text on a terminal, else json: one object a line]")
      ->check(CLI::IsMember({"text", "json"}));
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  const bool as_lines = flags.format.empty() ? isatty(fileno(stdout)) != 1 : flags.format == "json";
  Printer printer(flags, as_lines);
  const Result<void> followed = Follow(flags, printer);
  if (followed) return 0;
  std::cerr << "nightjar: " << terminal::Harmless(followed.error().message) << "\n";
  return 1;
}

}  // namespace nightjar::app
