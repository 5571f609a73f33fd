#include "app/query.h"

#include <fmt/format.h>

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "app/answers.h"
#include "app/arguments.h"
#include "base/json.h"
#include "base/lower_case.h"
#include "base/time_text.h"
#include "client/http_client.h"
#include "terminal/table.h"
#include "terminal/text.h"

namespace nightjar::app {
namespace {

struct Flags {
  std::string url = "http://127.0.0.1:6006";
  std::vector<std::string> headers;
  std::optional<std::string> project;
  std::string of = "traces";
  std::string sort;
  std::string format;  // "": a table on a terminal, else JSON lines
  std::size_t limit = 50;
  std::string text;
  std::string filter;
};

bool IsSql(std::string_view text) {
  const std::size_t begin = std::min(text.size(), text.find_first_not_of(" \t\r\n"));
  text.remove_prefix(begin);
  const std::string word = LowerCase(text.substr(0, std::min(text.size(), text.find_first_of(" \t\r\n("))));
  return word == "select" || word == "with";
}

Result<std::string> Body(Result<client::HttpAnswer> answer) {
  if (!answer) return Fail(std::move(answer).error());
  if (answer->status != 200) return Fail(RefusalOf(*answer));
  TellPending(answer->pending_requests);
  return std::move(answer->body);
}

Result<json::object> Object(const std::string& body) {
  ASSIGN_OR_RETURN(json::value value, ParseJson(body));
  if (!value.is_object()) return Fail(ErrorCode::kDataLoss, "the server's answer is not what was asked for");
  return std::move(value.get_object());
}

std::string CellText(const json::value& value) {
  if (value.is_null()) return "";
  return value.is_string() ? std::string(value.get_string()) : ToJson(value);
}

bool IsNumberType(std::string_view type) {
  for (const std::string_view wrapper : {"Nullable(", "LowCardinality("})
    if (type.starts_with(wrapper)) type.remove_prefix(wrapper.size());
  return type.starts_with("Int") || type.starts_with("UInt") || type.starts_with("Float") ||
         type.starts_with("Decimal");
}

// {"meta":[…],"data":[[…]]} as a table, or as one JSON object a line.
Result<std::string> ShowSql(const json::object& answer, bool as_lines) {
  const json::value* meta = answer.if_contains("meta");
  const json::value* data = answer.if_contains("data");
  if (meta == nullptr || !meta->is_array() || data == nullptr || !data->is_array())
    return Fail(ErrorCode::kDataLoss, "the server's answer is not what was asked for");
  std::vector<terminal::Column> columns;
  for (const json::value& column : meta->get_array())
    columns.push_back({CellText(column.at("name")), IsNumberType(CellText(column.at("type")))});
  std::string out;
  std::vector<std::vector<std::string>> rows;
  for (const json::value& row : data->get_array()) {
    if (!row.is_array() || row.get_array().size() != columns.size())
      return Fail(ErrorCode::kDataLoss, "the server's answer is not what was asked for");
    if (as_lines) {
      json::object object;
      for (std::size_t i = 0; i < columns.size(); ++i) object[columns[i].name] = row.get_array()[i];
      out += ToJson(object) + "\n";
      continue;
    }
    std::vector<std::string>& cells = rows.emplace_back();
    for (const json::value& cell : row.get_array()) cells.push_back(CellText(cell));
  }
  return as_lines ? out : terminal::ToTable(columns, rows, terminal::OfStdout());
}

Result<std::string> AskSql(client::HttpClient& client, const Flags& flags, std::string_view format) {
  const std::string request = ToJson({{"query", flags.text}, {"format", format == "csv" ? "csv" : "json"}});
  const std::string target =
      flags.project ? fmt::format("/api/v1/projects/{}/sql", client::PercentEncode(*flags.project)) : "/api/v1/sql";
  ASSIGN_OR_RETURN(std::string body, Body(client.Post(target, request, {"content-type: application/json"})));
  if (format == "csv") return body;
  ASSIGN_OR_RETURN(const json::object answer, Object(body));
  return ShowSql(answer, format == "json");
}

// "2026-01-31T12:00:00Z", to the second; nanoseconds as they came when they are no number.
std::string StartText(const std::string& nanoseconds) {
  UnixNanos time = 0;
  const auto [end, error] = std::from_chars(nanoseconds.data(), nanoseconds.data() + nanoseconds.size(), time);
  if (error != std::errc() || end != nanoseconds.data() + nanoseconds.size()) return nanoseconds;
  constexpr UnixNanos kSecondNs = 1'000'000'000;
  return ToRfc3339(time - time % kSecondNs);
}

std::string Number(const json::value* value) {
  return value != nullptr && value->is_number() ? terminal::Grouped(value->to_number<std::uint64_t>()) : "";
}

const json::value* At(const json::object& row, std::string_view outer, std::string_view inner) {
  const json::value* object = row.if_contains(outer);
  return object != nullptr && object->is_object() ? object->get_object().if_contains(inner) : nullptr;
}

std::vector<std::string> ListCells(const json::object& row, bool spans) {
  const auto text = [&](std::string_view key) {
    const json::value* value = row.if_contains(key);
    return value == nullptr ? std::string() : CellText(*value);
  };
  const json::value* cost = At(row, "cost", "total_usd");
  const json::value* duration = row.if_contains("duration_ns");
  const bool timed = duration != nullptr && duration->is_number();
  std::vector<std::string> cells = {StartText(text("start_unix_ns")), text("trace_id")};
  if (spans) cells.push_back(text("span_id"));
  cells.insert(
      cells.end(),
      {text("name"), text("kind"), text("status"), timed ? terminal::Duration(duration->to_number<std::int64_t>()) : "",
       Number(At(row, "tokens", "total")),
       cost != nullptr && cost->is_number() ? fmt::format("${:.4g}", cost->to_number<double>()) : "",
       spans ? text("model") : text("user_id"), text("input_preview")});
  return cells;
}

Result<std::string> AskList(client::HttpClient& client, const Flags& flags, std::string_view format) {
  std::string target =
      fmt::format("/api/v1/projects/{}/{}?limit={}&q={}", client::PercentEncode(flags.project.value_or("default")),
                  flags.of, flags.limit, client::PercentEncode(flags.text));
  if (!flags.filter.empty()) target += "&filter=" + client::PercentEncode(flags.filter);
  if (!flags.sort.empty()) target += "&sort=" + client::PercentEncode(flags.sort);
  ASSIGN_OR_RETURN(const std::string body, Body(client.Get(target)));
  ASSIGN_OR_RETURN(const json::object answer, Object(body));
  const json::value* data = answer.if_contains("data");
  const json::value* pending = answer.if_contains("pending_requests");
  if (data == nullptr || !data->is_array() || pending == nullptr || !pending->is_number())
    return Fail(ErrorCode::kDataLoss, "the server's answer is not what was asked for");
  TellPending(pending->to_number<std::uint64_t>());
  const bool spans = flags.of == "spans";
  std::string lines;
  std::vector<std::vector<std::string>> rows;
  for (const json::value& row : data->get_array()) {
    if (!row.is_object()) continue;
    if (format == "json")
      lines += ToJson(row) + "\n";
    else
      rows.push_back(ListCells(row.get_object(), spans));
  }
  if (format == "json") return lines;
  std::vector<terminal::Column> columns = {{"start"}, {"trace"}};
  if (spans) columns.push_back({"span"});
  for (const char* name : {"name", "kind", "status"}) columns.push_back({name});
  for (const char* name : {"duration", "tokens", "cost"}) columns.push_back({name, true});
  columns.push_back({spans ? "model" : "user"});
  columns.push_back({"input"});
  return terminal::ToTable(columns, rows, terminal::OfStdout());
}

}  // namespace

int RunQuery(int argc, char** argv) {
  Flags flags;
  CLI::App cli(
      "Asks a running server: SQL over the documented views (docs/guide/sql.md) when the text begins with SELECT or "
      "WITH, "
      "else traces or spans by the query language (docs/guide/query.md).",
      "nightjar query");
  cli.add_option("query", flags.text, "SELECT …, or a query such as 'status:error last:1h'; all if left out");
  cli.add_option("--filter", flags.filter, "a filter of Phoenix instead of a query (docs/guide/phoenix_filters.md)");
  cli.add_option("--url", flags.url, "the server's API")->capture_default_str();
  cli.add_option("--header", flags.headers, "a header for every request, such as an authorization")
      ->type_name("NAME: VALUE");
  cli.add_option("--project", flags.project, "whose traces or spans are asked for [default; in SQL all projects]");
  cli.add_option("--of", flags.of, "what is listed")->check(CLI::IsMember({"traces", "spans"}))->capture_default_str();
  cli.add_option("--sort", flags.sort, "by this field, with - before it for descending, or relevance [-start]");
  cli.add_option("--limit", flags.limit, "rows of a list")->check(CLI::Range(1, 500))->capture_default_str();
  cli.add_option("--format", flags.format, "of the answer [table on a terminal, else json: one object a line]")
      ->check(CLI::IsMember({"table", "json", "csv"}));
  if (const auto code = ParseArguments(cli, argc, argv)) return *code;
  const bool is_sql = IsSql(flags.text);
  std::string format = flags.format;
  if (format.empty()) format = isatty(fileno(stdout)) == 1 ? "table" : "json";
  if (format == "csv" && !is_sql) {
    std::cerr << "nightjar: lists have no CSV; ask in SQL, or for json\n";
    return 1;
  }
  client::HttpClient client(flags.url, flags.headers);
  const Result<std::string> shown = is_sql ? AskSql(client, flags, format) : AskList(client, flags, format);
  if (!shown) {
    std::cerr << "nightjar: " << terminal::Harmless(shown.error().message) << "\n";
    return 1;
  }
  std::fwrite(shown->data(), 1, shown->size(), stdout);
  return 0;
}

}  // namespace nightjar::app
