#include "server/log_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "server/errors.h"
#include "server/query_params.h"
#include "server/trace_json.h"
#include "store/log_reader.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kLogListLimit = {.if_absent = 100, .max = store::kLogListLimitMax};

// OTLP's severity ranges by the number with which they begin.
constexpr std::pair<std::string_view, std::int32_t> kSeverities[] = {
    {"TRACE", 1}, {"DEBUG", 5}, {"INFO", 9}, {"WARN", 13}, {"ERROR", 17}, {"FATAL", 21},
};

Result<std::int32_t> ParseSeverity(std::string_view text) {
  if (text.empty()) return 0;
  const auto* word = std::ranges::find(kSeverities, text, [](const auto& entry) { return entry.first; });
  if (word != std::end(kSeverities)) return word->second;
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > 24)
    return Fail(
        ErrorCode::kInvalidArgument,
        fmt::format("severity \"{}\" is neither TRACE, DEBUG, INFO, WARN, ERROR or FATAL nor a number from 1 to 24",
                    text));
  return number;
}

Result<store::LogFilter> ParseFilter(const Request& request) {
  store::LogFilter filter{.project = request.path_params.at(0)};
  if (const std::string_view text = request.query_param("trace_id"); !text.empty()) {
    ASSIGN_OR_RETURN(filter.trace_id, ParseTraceId(text));
  }
  if (const std::string_view text = request.query_param("span_id"); !text.empty()) {
    ASSIGN_OR_RETURN(filter.span_id, ParseSpanId(text));
  }
  ASSIGN_OR_RETURN(filter.severity_min, ParseSeverity(request.query_param("severity")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> from, ParseTime("from", request.query_param("from")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> to, ParseTime("to", request.query_param("to")));
  if (from) filter.from = *from;
  if (to) filter.to = *to;
  return filter;
}

Result<Response> Logs(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const store::LogFilter filter, ParseFilter(request));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kLogListLimit));
  ASSIGN_OR_RETURN(const std::optional<store::TimePosition> after, ParseTimeCursor(request.query_param("cursor")));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const store::LogPage page,
                   store::LogReader(sources.clickhouse, OptionsOf(request)).Newest(filter, limit, after));
  json::array rows;
  for (const model::LogRecord& record : page.batch.records) rows.push_back(ToJsonValue(page.batch, record));
  json::value next_cursor;
  if (page.next) next_cursor = CursorText(*page.next);
  return JsonResponse(
      ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(next_cursor)}, {"pending_requests", pending}}));
}

}  // namespace

void AddLogRoutes(const ApiSources& sources, Router& router) {
  router.Add("GET", "/api/v1/projects/{project}/logs", RunOn::kReader,
             [sources](const Request& request, const Respond& respond) {
               const Result<Response> response = Logs(sources, request);
               respond(response ? *response : ErrorResponse(response.error()));
             });
}

}  // namespace nightjar::server
