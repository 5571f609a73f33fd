#include "server/asked.h"

#include <fmt/format.h>

#include "base/now.h"
#include "query/phoenix.h"
#include "server/errors.h"
#include "server/query_json.h"
#include "server/query_params.h"

namespace nightjar::server {

Result<query::Window> ParseWindow(const Request& request) {
  query::Window window{.project = request.path_params.at(0), .now = Now()};
  ASSIGN_OR_RETURN(window.from, ParseTime("from", request.query_param("from")));
  ASSIGN_OR_RETURN(window.to, ParseTime("to", request.query_param("to")));
  if (window.from && window.to && *window.from >= *window.to)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("from \"{}\" is not before to \"{}\"",
                                                         request.query_param("from"), request.query_param("to")));
  return window;
}

Result<query::ParsedQuery> ParseAsked(const Request& request, query::Grain grain) {
  const std::string_view filter = request.query_param("filter");
  if (filter.empty()) return query::Parse(request.query_param("q"));
  if (!request.query_param("q").empty())
    return Fail(ErrorCode::kInvalidArgument, "q and filter are two languages; send one of them");
  return query::ParsePhoenix(filter, grain);
}

void Answer(const Request& request, const Respond& respond, query::Grain grain,
            const std::function<Result<Response>(const query::Expression&)>& answer) {
  const Result<query::ParsedQuery> parsed = ParseAsked(request, grain);
  if (!parsed) return respond(ErrorResponse(parsed.error()));
  if (!parsed->mistakes.empty()) return respond(MistakesResponse(request, parsed->mistakes));
  const Result<Response> response = answer(parsed->expression);
  respond(response ? *response : ErrorResponse(response.error()));
}

}  // namespace nightjar::server
