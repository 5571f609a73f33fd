#include "server/stream_routes.h"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "query/search.h"
#include "server/asked.h"
#include "server/errors.h"
#include "server/live_spans.h"
#include "server/query_json.h"

namespace nightjar::server {
namespace {

// Where the client goes on: behind the event that it has last, else with what comes now.
Result<std::uint64_t> FirstSeq(const ApiSources& sources, const Request& request, const std::string& project) {
  std::string_view text = request.header("last-event-id");
  if (text.empty()) text = request.query_param("last_event_id");
  if (text.empty()) return query::Search(sources.clickhouse, OptionsOf(request)).LastSeq(project);
  std::uint64_t seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (error != std::errc() || end != text.data() + text.size())
    return Fail(ErrorCode::kInvalidArgument, fmt::format("Last-Event-ID \"{}\" is not that of an event", text));
  return seq;
}

Result<Response> Stream(const ApiSources& sources, const std::shared_ptr<LiveSpans>& live, const Request& request) {
  ASSIGN_OR_RETURN(query::ParsedQuery parsed, ParseAsked(request, query::Grain::kSpan));
  if (!parsed.mistakes.empty()) return MistakesResponse(request, parsed.mistakes);
  const auto client = std::make_shared<LiveClient>();
  client->expression = std::move(parsed.expression);
  client->project = request.query_param("project");
  client->abandoned = request.abandoned;
  if (client->project.empty()) return Fail(ErrorCode::kInvalidArgument, "project is missing");
  sources.wait_for_lists();
  ASSIGN_OR_RETURN(client->last_seq, FirstSeq(sources, request, client->project));
  if (!live->Add(client)) return Fail(ErrorCode::kUnavailable, fmt::format("{} streams are open already", kStreamsMax));
  Response response;
  response.content_type = "text/event-stream";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  response.next_piece = [live = live.get(), client, begun = false](const PieceDone& done) mutable {
    if (std::exchange(begun, true)) return live->Want(client, done);
    done(std::string("retry: 1000\n\n"));
  };
  return response;
}

}  // namespace

void AddStreamRoutes(const ApiSources& sources, Router& router) {
  // Owned by the handler, which outlives every answer.
  const auto live = std::make_shared<LiveSpans>(sources);
  router.Add("GET", "/api/v1/stream", RunOn::kReader, [sources, live](const Request& request, const Respond& respond) {
    const Result<Response> response = Stream(sources, live, request);
    respond(response ? *response : ErrorResponse(response.error()));
  });
}

}  // namespace nightjar::server
