#include "server/trace_part_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/span_json.h"
#include "server/cut_texts.h"
#include "server/errors.h"
#include "server/find_text.h"
#include "server/query_params.h"
#include "server/trace_columns.h"
#include "server/trace_json.h"
#include "store/log_reader.h"
#include "store/span_reader.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kFindLimit = {.if_absent = 200, .max = kFindMatchesMax};
constexpr LimitRange kContentLimit = {.if_absent = 64 << 10, .max = kContentBytesMax};
constexpr std::size_t kPageSpans = 200;
constexpr std::size_t kAroundFound = 256;  // bytes of a range before what it was asked for

Error NoTrace(const std::string& project, const TraceId& trace_id) {
  return {ErrorCode::kNotFound, fmt::format("no trace {} in project \"{}\"", trace_id.ToHex(), project)};
}

json::object MatchJson(const SpanId& span_id, const Match& match) {
  return {{"span_id", span_id.ToHex()}, {"path", match.path},   {"offset", match.offset}, {"length", match.length},
          {"before", match.before},     {"found", match.found}, {"after", match.after}};
}

Result<Response> Find(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kFindLimit));
  const std::string_view text = request.query_param("q");
  if (text.empty() || text.size() > kFindTextBytesMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("q is a text of 1 to {} bytes", kFindTextBytesMax));
  RETURN_IF_ERROR(sources.wait_until_stored(trace_id));
  const store::SpanReader reader(sources.clickhouse, OptionsOf(request));
  ASSIGN_OR_RETURN(const store::TraceIndex index, reader.IndexTrace(project, trace_id));
  if (index.spans.empty()) return Fail(NoTrace(project, trace_id));
  json::array rows;
  std::size_t next = 0;
  while (next < index.spans.size() && rows.size() <= limit) {
    const std::size_t end = std::min(next + kPageSpans, index.spans.size());
    ASSIGN_OR_RETURN(const model::SpanBatch batch, reader.ReadSpans(index, next, end));
    for (const model::Span& span : batch.spans) {
      const json::object whole =
          model::ToSpanJson(span, batch.resource_of(span), batch.scope_of(span), model::LlmView());
      for (const Match& match : FindText(whole, text, limit + 1 - rows.size()))
        rows.push_back(MatchJson(span.span_id, match));
    }
    next = end;
  }
  const bool complete = rows.size() <= limit;
  if (!complete) rows.resize(limit);
  return JsonResponse(ToJson({{"data", std::move(rows)}, {"complete", complete}}));
}

// The text from the character that `offset` is in up to the one that `offset` + `limit` is in: ranges that follow each
// other make up the whole. A range is never empty before the end.
json::object RangeOf(std::string_view text, std::size_t offset, std::size_t limit) {
  const std::size_t begin = CharacterBegin(text, offset);
  const std::size_t wanted_end = offset < text.size() ? offset + std::min(limit, text.size() - offset) : text.size();
  std::size_t end = CharacterBegin(text, wanted_end);
  if (end == begin)  // a character is longer than the limit
    for (std::size_t at = begin; at < text.size() && end == begin;) end = CharacterBegin(text, ++at);
  return {{"offset", begin},
          {"text", text.substr(begin, end - begin)},
          {"bytes", text.size()},
          {"next_offset", end < text.size() ? json::value(end) : json::value()}};
}

// As everybody who reads the trace has it.
Result<json::value> SpanOf(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
  ASSIGN_OR_RETURN(const SpanId span_id, ParseSpanId(request.path_params.at(2)));
  RETURN_IF_ERROR(sources.wait_until_stored(trace_id));
  ASSIGN_OR_RETURN(const model::SpanBatch batch,
                   store::SpanReader(sources.clickhouse, OptionsOf(request)).ReadSpan(project, trace_id, span_id));
  if (batch.spans.empty())
    return Fail(ErrorCode::kNotFound,
                fmt::format("no span {} in trace {} of project \"{}\"", span_id.ToHex(), trace_id.ToHex(), project));
  ASSIGN_OR_RETURN(const store::TraceLogs logs,
                   store::LogReader(sources.clickhouse, OptionsOf(request)).ReadTrace(project, trace_id, span_id));
  ASSIGN_OR_RETURN(const AgentInstructions instructions,
                   AgentInstructions::Read(sources.clickhouse, project, {trace_id}, OptionsOf(request)));
  return json::value(SpanJson(batch, batch.spans.front(), logs.batch, instructions, *sources.prices.Now()));
}

Response Download(std::string text, bool is_text) {
  return {
      .content_type = is_text ? "text/plain; charset=utf-8" : "application/json",
      .body = std::move(text),
      .headers = {{"Content-Disposition", fmt::format("attachment; filename=\"value.{}\"", is_text ? "txt" : "json")},
                  {"X-Content-Type-Options", "nosniff"}}};
}

Result<Response> Content(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const std::size_t offset, ParseOffset(request.query_param("offset")));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kContentLimit));
  ASSIGN_OR_RETURN(const bool download, ParseFlag("download", request.query_param("download")));
  const std::string_view wanted = request.query_param("find");
  if (wanted.size() > kFindTextBytesMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("find is a text of at most {} bytes", kFindTextBytesMax));
  ASSIGN_OR_RETURN(const json::value span, SpanOf(sources, request));
  const std::string_view path = request.query_param("path");
  boost::system::error_code error;
  const json::value* value = path.starts_with('/') ? span.find_pointer(path, error) : nullptr;
  if (value == nullptr)
    return Fail(
        ErrorCode::kNotFound,
        fmt::format("the span has nothing at path \"{}\", a JSON pointer such as /attributes/input.value", path));
  const bool is_text = value->is_string();
  std::string text = is_text ? std::string(value->get_string()) : ToJson(*value);
  if (download) return Download(std::move(text), is_text);
  json::object out;
  if (wanted.empty()) {
    out = RangeOf(text, offset, limit);
  } else {
    const std::vector<std::size_t> found = FindOffsets(text, wanted, offset, 1);
    out = RangeOf(text, found.empty() ? text.size() : found.front() - std::min(found.front(), kAroundFound), limit);
    out["found"] = found.empty() ? json::value() : json::value(found.front());
  }
  out["path"] = path;
  out["type"] = is_text ? "text" : "json";
  return JsonResponse(ToJson(out));
}

Result<Response> Columns(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
  RETURN_IF_ERROR(sources.wait_until_stored(trace_id));
  Response response{.content_type = "application/octet-stream"};
  ASSIGN_OR_RETURN(response.body, ReadTraceColumns(sources.clickhouse, project, trace_id, OptionsOf(request)));
  if (response.body.empty()) return Fail(NoTrace(project, trace_id));
  return response;
}

}  // namespace

void AddTracePartRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view part, Result<Response> (*answer)(const ApiSources&, const Request&)) {
    router.Add("GET", fmt::format("/api/v1/projects/{{project}}/traces/{{trace_id}}/{}", part), RunOn::kReader,
               [sources, answer](const Request& request, const Respond& respond) {
                 const Result<Response> response = answer(sources, request);
                 respond(response ? *response : ErrorResponse(response.error()));
               });
  };
  get("find", Find);
  get("columns", Columns);
  get("spans/{span_id}/content", Content);
}

}  // namespace nightjar::server
