#include "server/delete_routes.h"

#include <fmt/format.h>

#include <utility>

#include "server/errors.h"

namespace nightjar::server {
namespace {

Result<store::ErasureTarget> TraceOf(const Request& request) {
  const std::optional<TraceId> trace_id = TraceId::FromHex(request.path_params.at(1));
  if (!trace_id)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("\"{}\" is not a trace id of 32 hex digits", request.path_params.at(1)));
  return store::ErasureTarget{.project = request.path_params.at(0), .trace_id = *trace_id, .session_id = {}};
}

Result<store::ErasureTarget> SessionOf(const Request& request) {
  return store::ErasureTarget{
      .project = request.path_params.at(0), .trace_id = {}, .session_id = request.path_params.at(1)};
}

Result<store::ErasureTarget> ProjectOf(const Request& request) {
  return store::ErasureTarget{.project = request.path_params.at(0), .trace_id = {}, .session_id = {}};
}

}  // namespace

void AddDeleteRoutes(std::function<Result<void>(store::ErasureTarget)> erase, Router& router) {
  const auto add = [&](std::string_view pattern, Result<store::ErasureTarget> (*target_of)(const Request&)) {
    router.Add("DELETE", pattern, RunOn::kReader, [erase, target_of](const Request& request, const Respond& respond) {
      Result<store::ErasureTarget> target = target_of(request);
      const Result<void> erased = target ? erase(*std::move(target)) : Fail(target.error());
      respond(erased ? Response{.status = 204, .content_type = ""} : ErrorResponse(erased.error()));
    });
  };
  add("/api/v1/projects/{project}", ProjectOf);
  add("/api/v1/projects/{project}/traces/{trace_id}", TraceOf);
  add("/api/v1/projects/{project}/sessions/{session_id}", SessionOf);
}

}  // namespace nightjar::server
