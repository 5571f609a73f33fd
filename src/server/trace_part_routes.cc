#include "server/trace_part_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/span_json.h"
#include "semconv/normalize.h"
#include "server/errors.h"
#include "server/find_text.h"
#include "server/query_params.h"
#include "server/trace_columns.h"
#include "store/span_reader.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kFindLimit = {.if_absent = 200, .max = kFindMatchesMax};
constexpr LimitRange kContentLimit = {.if_absent = 64 << 10, .max = kContentBytesMax};
constexpr std::size_t kPageSpans = 200;

Error NoTrace(const std::string& project, const TraceId& trace_id) {
  return {ErrorCode::kNotFound, fmt::format("no trace {} in project \"{}\"", trace_id.ToHex(), project)};
}

Result<std::size_t> ParseOffset(std::string_view text) {
  std::size_t offset = 0;
  if (text.empty()) return offset;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error == std::errc() && end == text.data() + text.size()) return offset;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("offset \"{}\" is not a number of bytes", text));
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

// The bytes [offset, offset + limit) of the text, cut to whole characters.
json::object RangeOf(std::string_view text, std::size_t offset, std::size_t limit) {
  const auto is_inside = [&](std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;
  };
  std::size_t begin = std::min(offset, text.size());
  while (is_inside(begin)) --begin;
  std::size_t end = begin + std::min(limit, text.size() - begin);
  while (end > begin && is_inside(end)) --end;
  if (end == begin && begin < text.size()) {  // a character is longer than the limit
    ++end;
    while (is_inside(end)) ++end;
  }
  return {{"offset", begin},
          {"text", text.substr(begin, end - begin)},
          {"bytes", text.size()},
          {"next_offset", end < text.size() ? json::value(end) : json::value()}};
}

Result<Response> Content(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
  ASSIGN_OR_RETURN(const SpanId span_id, ParseSpanId(request.path_params.at(2)));
  ASSIGN_OR_RETURN(const std::size_t offset, ParseOffset(request.query_param("offset")));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kContentLimit));
  RETURN_IF_ERROR(sources.wait_until_stored(trace_id));
  ASSIGN_OR_RETURN(const model::SpanBatch batch,
                   store::SpanReader(sources.clickhouse, OptionsOf(request)).ReadSpan(project, trace_id, span_id));
  if (batch.spans.empty())
    return Fail(ErrorCode::kNotFound,
                fmt::format("no span {} in trace {} of project \"{}\"", span_id.ToHex(), trace_id.ToHex(), project));
  const model::Span& span = batch.spans.front();
  const model::Resource& resource = batch.resource_of(span);
  const model::Scope& scope = batch.scope_of(span);
  const json::value whole = model::ToSpanJson(span, resource, scope, semconv::Normalize(span, resource, scope));
  const std::string_view path = request.query_param("path");
  boost::system::error_code error;
  const json::value* value = path.starts_with('/') ? whole.find_pointer(path, error) : nullptr;
  if (value == nullptr)
    return Fail(
        ErrorCode::kNotFound,
        fmt::format("the span has nothing at path \"{}\", a JSON pointer such as /attributes/input.value", path));
  const bool is_text = value->is_string();
  json::object out = RangeOf(is_text ? std::string(value->get_string()) : ToJson(*value), offset, limit);
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
