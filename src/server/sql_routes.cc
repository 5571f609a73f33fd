#include "server/sql_routes.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>

#include "query/sql.h"
#include "server/errors.h"

namespace nightjar::server {
namespace {

using query::SqlFormat;

struct SqlRequest {
  std::string sql;
  SqlFormat format = SqlFormat::kJson;
  std::string content_type = "application/json";
};

Result<SqlRequest> ParseSqlRequest(const Request& request) {
  ASSIGN_OR_RETURN(const json::value body, ParseJson(request.body));
  const json::object* object = body.if_object();
  const json::value* sql = object != nullptr ? object->if_contains("query") : nullptr;
  if (sql == nullptr || !sql->is_string())
    return Fail(ErrorCode::kInvalidArgument, R"(the body is {"query":"SELECT …","format":"json"})");
  SqlRequest parsed{.sql = std::string(sql->get_string())};
  const json::value* format = object->if_contains("format");
  const std::string word = format == nullptr     ? "json"
                           : format->is_string() ? std::string(format->get_string())
                                                 : ToJson(*format);
  if (word == "csv") {
    parsed.format = SqlFormat::kCsv;
    parsed.content_type = "text/csv; charset=utf-8";
  } else if (word == "arrow") {
    parsed.format = SqlFormat::kArrow;
    parsed.content_type = "application/vnd.apache.arrow.stream";
  } else if (word != "json") {
    return Fail(ErrorCode::kInvalidArgument, fmt::format("format \"{}\" is none of json, csv, arrow", word));
  }
  return parsed;
}

// Over all projects, or the one in the path.
Result<Response> Sql(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const SqlRequest asked, ParseSqlRequest(request));
  Response response;
  response.headers = {PendingHeader(sources.wait_for_lists())};
  response.content_type = asked.content_type;
  std::optional<std::string> project;
  if (!request.path_params.empty()) project = request.path_params.front();
  ASSIGN_OR_RETURN(response.body,
                   query::RunSql(sources.clickhouse, asked.sql, asked.format, project, OptionsOf(request)));
  return response;
}

}  // namespace

void AddSqlRoutes(const ApiSources& sources, Router& router) {
  for (const char* path : {"/api/v1/sql", "/api/v1/projects/{project}/sql"})
    router.Add("POST", path, RunOn::kReader, [sources](const Request& request, const Respond& respond) {
      const Result<Response> response = Sql(sources, request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
}

}  // namespace nightjar::server
