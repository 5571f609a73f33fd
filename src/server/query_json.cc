#include "server/query_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "server/errors.h"
#include "server/trace_json.h"

namespace nightjar::server {

json::object ToJsonValue(const query::SpanHit& span) {
  json::object out;
  out["project"] = span.project;
  out["trace_id"] = span.trace_id.ToHex();
  out["span_id"] = span.span_id.ToHex();
  out["parent_span_id"] = span.parent_span_id ? json::value(span.parent_span_id->ToHex()) : json::value();
  out["name"] = span.name;
  out["title"] = TextOrNull(span.title);
  out["kind"] = span.kind;
  out["status"] = StatusWord(span.status);
  out["status_message"] = TextOrNull(span.status_message);
  out["start_unix_ns"] = std::to_string(span.start_unix_ns);
  out["duration_ns"] = span.duration_ns;
  out["service_name"] = TextOrNull(span.service_name);
  out["model"] = TextOrNull(span.model);
  out["provider"] = TextOrNull(span.provider);
  out["agent_name"] = TextOrNull(span.agent_name);
  out["tool_name"] = TextOrNull(span.tool_name);
  out["session_id"] = TextOrNull(span.session_id);
  out["user_id"] = TextOrNull(span.user_id);
  out["finish_reason"] = TextOrNull(span.finish_reason);
  const bool failed = !span.exception_type.empty() || !span.exception_message.empty();
  out["exception"] =
      failed ? json::value{{"type", TextOrNull(span.exception_type)}, {"message", TextOrNull(span.exception_message)}}
             : json::value();
  const bool counted = span.prompt_tokens || span.completion_tokens || span.total_tokens;
  out["tokens"] = counted ? json::value{{"prompt", NumberOrNull(span.prompt_tokens)},
                                        {"completion", NumberOrNull(span.completion_tokens)},
                                        {"total", NumberOrNull(span.total_tokens)},
                                        {"cache_read", NumberOrNull(span.cache_read_tokens)},
                                        {"estimated", span.estimated}}
                          : json::value();
  out["cost"] = span.cost_usd ? json::value{{"total_usd", *span.cost_usd}} : json::value();
  out["time_to_first_token_ns"] = NumberOrNull(span.first_token_ns);
  out["input_preview"] = TextOrNull(span.input_preview);
  out["output_preview"] = TextOrNull(span.output_preview);
  return out;
}

Response MistakesResponse(const Request& request, const std::vector<query::Mistake>& mistakes) {
  json::array list;
  for (const query::Mistake& mistake : mistakes)
    list.push_back({{"begin", mistake.range.begin}, {"end", mistake.range.end}, {"message", mistake.message}});
  const query::Mistake& first = mistakes.front();
  Response response =
      JsonResponse(ToJson({{"error",
                            {{"code", "invalid_argument"},
                             {"message", (request.query_param("filter").empty() ? "q: " : "filter: ") + first.message},
                             {"position", first.range.begin},
                             {"mistakes", std::move(list)}}}}));
  response.status = HttpStatus(ErrorCode::kInvalidArgument);
  return response;
}

}  // namespace nightjar::server
