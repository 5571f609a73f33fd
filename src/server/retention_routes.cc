#include "server/retention_routes.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "server/errors.h"

namespace nightjar::server {
namespace {

json::object ToJsonObject(const std::string& project, std::optional<std::int64_t> days) {
  return {{"project", project}, {"days", days ? json::value(*days) : json::value(nullptr)}};
}

Result<Response> List(catalog::RetentionList& retention, const Request& /*request*/) {
  ASSIGN_OR_RETURN(const std::vector<catalog::ProjectRetention> all, retention.All());
  json::array rows;
  for (const auto& [project, days] : all) rows.push_back(ToJsonObject(project, days));
  return JsonResponse(ToJson({{"data", std::move(rows)}}));
}

Result<Response> Get(catalog::RetentionList& retention, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const std::vector<catalog::ProjectRetention> all, retention.All());
  const auto found = std::ranges::find(all, project, &catalog::ProjectRetention::project);
  return JsonResponse(ToJson(ToJsonObject(project, found == all.end() ? std::nullopt : std::optional(found->days))));
}

// {"days": 30}, or null for ever.
Result<std::optional<std::int64_t>> ReadDays(const Request& request) {
  // A page of another origin may send other types without asking this server.
  if (!request.header("content-type").starts_with("application/json"))
    return Fail(ErrorCode::kInvalidArgument, "send the days as content-type application/json");
  ASSIGN_OR_RETURN(const json::value body, ParseJson(request.body));
  const json::value* days = body.is_object() ? body.get_object().if_contains("days") : nullptr;
  if (days == nullptr || body.get_object().size() != 1)
    return Fail(ErrorCode::kInvalidArgument, R"(send {"days": 30}, or {"days": null} to keep for ever)");
  if (days->is_null()) return std::optional<std::int64_t>();
  if (!days->is_int64()) return Fail(ErrorCode::kInvalidArgument, "days is not a whole number");
  return std::optional(days->get_int64());
}

Result<Response> Put(catalog::RetentionList& retention, const Request& request) {
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> days, ReadDays(request));
  RETURN_IF_ERROR(retention.Set(project, days));
  return JsonResponse(ToJson(ToJsonObject(project, days)));
}

}  // namespace

void AddRetentionRoutes(catalog::RetentionList& retention, Router& router) {
  using Route = Result<Response> (*)(catalog::RetentionList&, const Request&);
  const auto add = [&](const char* method, std::string_view pattern, Route route) {
    router.Add(method, pattern, RunOn::kReader, [&retention, route](const Request& request, const Respond& respond) {
      const Result<Response> response = route(retention, request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  add("GET", "/api/v1/retention", &List);
  add("GET", "/api/v1/projects/{project}/retention", &Get);
  add("PUT", "/api/v1/projects/{project}/retention", &Put);
}

}  // namespace nightjar::server
