#include "server/annotation_routes.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/now.h"
#include "server/annotation_json.h"
#include "server/errors.h"
#include "server/query_params.h"
#include "store/annotations.h"

namespace nightjar::server {
namespace {

using store::Annotation;
using store::AnnotationFilter;
using store::AnnotationTarget;

constexpr LimitRange kAnnotationLimit = {.if_absent = 10, .max = store::kAnnotationsReadMax};
constexpr std::size_t kTargetsMax = 1000;

// All values of a parameter that may stand several times.
std::vector<std::string> ValuesOf(const Request& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [key, value] : request.query)
    if (key == name) values.push_back(value);
  return values;
}

Result<Response> Post(const ApiSources& sources, const Request& request, AnnotationTarget target) {
  ASSIGN_OR_RETURN(const bool sync, ParseFlag("sync", request.query_param("sync")));
  ASSIGN_OR_RETURN(std::vector<Annotation> annotations, ParseAnnotations(request.body, target));
  sources.wait_for_lists();
  json::array ids;
  if (sync)
    for (const Annotation& annotation : annotations) ids.emplace_back(json::object{{"id", AnnotationId(annotation)}});
  RETURN_IF_ERROR(sources.put_annotations(std::move(annotations), sync));
  return JsonResponse(ToJson({{"data", std::move(ids)}}));
}

Result<AnnotationFilter> ParseFilter(const Request& request, AnnotationTarget target) {
  AnnotationFilter filter{.project = request.path_params.at(0), .target = target};
  if (const std::vector<std::string> identifiers = ValuesOf(request, "identifier"); !identifiers.empty())
    filter.identifier = identifiers.front();
  for (const std::string& hex : ValuesOf(request, "span_ids")) {
    ASSIGN_OR_RETURN(filter.span_ids.emplace_back(), ParseSpanId(hex));
  }
  for (const std::string& hex : ValuesOf(request, "trace_ids")) {
    ASSIGN_OR_RETURN(filter.trace_ids.emplace_back(), ParseTraceId(hex));
  }
  filter.session_ids = ValuesOf(request, "session_ids");
  return filter;
}

Result<Response> Read(const ApiSources& sources, const Request& request, AnnotationTarget target) {
  ASSIGN_OR_RETURN(AnnotationFilter filter, ParseFilter(request, target));
  filter.names = ValuesOf(request, "include_annotation_names");
  filter.names_left_out = ValuesOf(request, "exclude_annotation_names");
  const std::size_t targets = filter.span_ids.size() + filter.trace_ids.size() + filter.session_ids.size();
  if ((targets == 0 && !filter.identifier) || targets > kTargetsMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("name 1 to {} ids of {}s, or an identifier", kTargetsMax, store::ToWord(target)));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kAnnotationLimit));
  std::size_t skip = 0;
  if (const std::string_view cursor = request.query_param("cursor"); !cursor.empty()) {
    const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), skip);
    if (error != std::errc() || end != cursor.data() + cursor.size())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("cursor \"{}\" is not one that a list gave; leave it out to begin anew", cursor));
  }
  ASSIGN_OR_RETURN(const std::vector<Annotation> found,
                   store::Annotations(sources.clickhouse).Read(filter, limit + 1, skip, OptionsOf(request)));
  json::array rows;
  for (std::size_t i = 0; i < std::min(limit, found.size()); ++i) rows.push_back(ToPhoenixJson(found[i]));
  json::value next;
  if (found.size() > limit) next = std::to_string(skip + limit);
  return JsonResponse(ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(next)}}));
}

Result<Response> Delete(const ApiSources& sources, const Request& request, AnnotationTarget target) {
  ASSIGN_OR_RETURN(AnnotationFilter filter, ParseFilter(request, target));
  filter.names = ValuesOf(request, "name");
  filter.annotator_kind = request.query_param("annotator_kind");
  ASSIGN_OR_RETURN(filter.from, ParseTime("start_time", request.query_param("start_time")));
  ASSIGN_OR_RETURN(filter.to, ParseTime("end_time", request.query_param("end_time")));
  ASSIGN_OR_RETURN(const bool all, ParseFlag("delete_all", request.query_param("delete_all")));
  const bool is_filtered = filter.identifier || !filter.names.empty() || !filter.annotator_kind.empty() ||
                           filter.from || filter.to || !filter.span_ids.empty() || !filter.trace_ids.empty() ||
                           !filter.session_ids.empty();
  if (!is_filtered && !all) return Fail(ErrorCode::kInvalidArgument, "say which, or delete_all=true");
  RETURN_IF_ERROR(store::Annotations(sources.clickhouse).Delete(filter, Now()));
  return Response{.status = 204, .content_type = ""};
}

}  // namespace

void AddAnnotationRoutes(const ApiSources& sources, Router& router) {
  const auto add = [&](std::string_view method, const std::string& pattern, AnnotationTarget target, auto answer) {
    router.Add(std::string(method), pattern, RunOn::kReader,
               [sources, target, answer](const Request& request, const Respond& respond) {
                 const Result<Response> response = answer(sources, request, target);
                 respond(response ? *response : ErrorResponse(response.error()));
               });
  };
  for (const auto target :
       {AnnotationTarget::kSpan, AnnotationTarget::kTrace, AnnotationTarget::kSession, AnnotationTarget::kDocument}) {
    const std::string name = fmt::format("{}_annotations", store::ToWord(target));
    add("POST", "/v1/" + name, target, Post);
    add("GET", "/v1/projects/{project}/" + name, target, Read);
    add("DELETE", "/v1/projects/{project}/" + name, target, Delete);
  }
}

}  // namespace nightjar::server
