#include "server/metric_routes.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "model/metric_json.h"
#include "server/errors.h"
#include "server/query_params.h"
#include "store/metric_reader.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kMetricListLimit = {.if_absent = 200, .max = store::kMetricListLimitMax};
constexpr LimitRange kPointListLimit = {.if_absent = 1'000, .max = store::kPointListLimitMax};

// The cursor is the last name of the page before.
Result<Response> Metrics(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kMetricListLimit));
  const std::string after(request.query_param("cursor"));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(
      const std::vector<store::MetricSummary> metrics,
      store::MetricReader(sources.clickhouse, OptionsOf(request)).List(request.path_params.at(0), limit, after));
  json::array rows;
  for (const store::MetricSummary& metric : metrics)
    rows.push_back({{"name", metric.name},
                    {"type", metric.type},
                    {"unit", TextOrNull(metric.unit)},
                    {"description", TextOrNull(metric.description)},
                    {"series_count", metric.series_count},
                    {"last_seen_unix_ns", std::to_string(metric.last_seen_unix_ns)}});
  json::value next_cursor;
  if (metrics.size() == limit) next_cursor = metrics.back().name;
  return JsonResponse(
      ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(next_cursor)}, {"pending_requests", pending}}));
}

// One object a series, each with its points.
json::array SeriesJson(const model::MetricBatch& batch) {
  std::vector<json::array> points(batch.metrics.size());
  std::vector<const model::Attributes*> attributes(batch.metrics.size());
  for (const model::MetricPoint& point : batch.points) {
    points[point.metric].push_back(model::ToPointJson(point));
    attributes[point.metric] = &point.attributes;
  }
  json::array out;
  for (std::size_t i = 0; i < batch.metrics.size(); ++i) {
    json::object series = model::ToSeriesJson(batch, batch.metrics[i], *attributes[i]);
    series["points"] = std::move(points[i]);
    out.push_back(std::move(series));
  }
  return out;
}

Result<Response> Points(const ApiSources& sources, const Request& request) {
  store::PointFilter filter{.project = request.path_params.at(0), .name = request.path_params.at(1)};
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> from, ParseTime("from", request.query_param("from")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> to, ParseTime("to", request.query_param("to")));
  if (from) filter.from = *from;
  if (to) filter.to = *to;
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kPointListLimit));
  ASSIGN_OR_RETURN(const std::optional<store::TimePosition> after, ParseTimeCursor(request.query_param("cursor")));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const store::PointPage page,
                   store::MetricReader(sources.clickhouse, OptionsOf(request)).ReadPoints(filter, limit, after));
  json::value next_cursor;
  if (page.next) next_cursor = CursorText(*page.next);
  return JsonResponse(ToJson({{"name", filter.name},
                              {"series", SeriesJson(page.batch)},
                              {"next_cursor", std::move(next_cursor)},
                              {"pending_requests", pending}}));
}

}  // namespace

void AddMetricRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view pattern, Result<Response> (*route)(const ApiSources&, const Request&)) {
    router.Add("GET", pattern, RunOn::kReader, [sources, route](const Request& request, const Respond& respond) {
      const Result<Response> response = route(sources, request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  get("/api/v1/projects/{project}/metrics", &Metrics);
  get("/api/v1/projects/{project}/metrics/{name}", &Points);
}

}  // namespace nightjar::server
