#include "server/api_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "server/annotation_json.h"
#include "server/annotation_routes.h"
#include "server/conversation_routes.h"
#include "server/errors.h"
#include "server/export_routes.h"
#include "server/health_routes.h"
#include "server/log_routes.h"
#include "server/metric_routes.h"
#include "server/people_routes.h"
#include "server/query_params.h"
#include "server/query_routes.h"
#include "server/sql_routes.h"
#include "server/stream_routes.h"
#include "server/trace_json.h"
#include "server/trace_part_routes.h"
#include "server/trace_scan_routes.h"
#include "server/trace_text.h"
#include "server/usage_routes.h"
#include "store/log_reader.h"
#include "store/project_list.h"
#include "store/span_reader.h"
#include "store/trace_list.h"
#include "store/whole_trace.h"

namespace nightjar::server {
namespace {

// A page holds all, but for a great many.
// Of a trace with more spans only the rest of the answer is given.
constexpr LimitRange kSpansOfTrace = {.if_absent = ~std::size_t{0}, .max = ~std::size_t{0}};
constexpr LimitRange kTextOfSpan = {.if_absent = kWholeTexts, .max = kWholeTexts};
constexpr LimitRange kProjectListLimit = {.if_absent = store::kProjectListLimitMax, .max = store::kProjectListLimitMax};

std::string_view SignalWord(otlp::Signal signal) {
  switch (signal) {
    case otlp::Signal::kTraces: return "traces";
    case otlp::Signal::kLogs: return "logs";
    case otlp::Signal::kMetrics: return "metrics";
  }
  return "";
}

class ApiRoutes {
 public:
  explicit ApiRoutes(ApiSources sources)
      : sources_(std::move(sources)), projects_(std::make_unique<store::ProjectList>(sources_.clickhouse)) {}

  Result<Response> Projects(const Request& request) const {
    ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kProjectListLimit));
    const std::string after(request.query_param("cursor"));  // the last name of the page before
    const std::uint64_t pending = sources_.wait_for_lists();
    ASSIGN_OR_RETURN(const std::vector<store::ProjectSummary> projects,
                     projects_->Read(limit, after, OptionsOf(request)));
    json::array rows;
    for (const store::ProjectSummary& project : projects)
      rows.push_back({{"name", project.name},
                      {"trace_count", project.trace_count},
                      {"span_count", project.span_count},
                      {"last_seen_unix_ns", std::to_string(project.last_seen_unix_ns)}});
    json::value next_cursor;
    if (projects.size() == limit) next_cursor = projects.back().name;
    return JsonResponse(
        ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(next_cursor)}, {"pending_requests", pending}}));
  }

  Result<Response> TraceInProject(const Request& request) const {
    return Trace(request, request.path_params.at(0), request.path_params.at(1));
  }

  Result<Response> TraceAnywhere(const Request& request) const {
    return Trace(request, std::nullopt, request.path_params.at(0));
  }

  Result<Response> Span(const Request& request) const {
    const std::string& project = request.path_params.at(0);
    ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
    ASSIGN_OR_RETURN(const SpanId span_id, ParseSpanId(request.path_params.at(2)));
    ASSIGN_OR_RETURN(const std::size_t text_max, ParseLimit(request.query_param("text_max"), kTextOfSpan));
    RETURN_IF_ERROR(sources_.wait_until_stored(trace_id));
    ASSIGN_OR_RETURN(const model::SpanBatch batch, SpansFor(request).ReadSpan(project, trace_id, span_id));
    if (batch.spans.empty())
      return Fail(ErrorCode::kNotFound,
                  fmt::format("no span {} in trace {} of project \"{}\"", span_id.ToHex(), trace_id.ToHex(), project));
    ASSIGN_OR_RETURN(const store::TraceLogs logs, LogsFor(request).ReadTrace(project, trace_id, span_id));
    // Every call of the trace is looked at for it, which may be hundreds of thousands.
    store::RepeatedCalls repeats;
    if (IsCall(batch, batch.spans.front(), logs.batch)) {
      ASSIGN_OR_RETURN(repeats, store::ReadRepeatedCalls(sources_.clickhouse, project, {trace_id}, OptionsOf(request)));
    }
    ASSIGN_OR_RETURN(const std::vector<store::Annotation> annotations,
                     AnnotationsOf(request, {.project = project, .trace_ids = {trace_id}, .span_ids = {span_id}}));
    ASSIGN_OR_RETURN(const AgentInstructions instructions,
                     AgentInstructions::Read(sources_.clickhouse, project, {trace_id}, OptionsOf(request)));
    return JsonResponse(SpanText(batch, batch.spans.front(), {logs.batch, annotations, repeats, instructions},
                                 *sources_.prices.Now(), text_max));
  }

  Result<Response> Rejected(const Request&) const {
    json::array rows;
    for (const ingest::RefusalRow& row : sources_.refusals.Newest()) {
      const ingest::Refusal& last = row.last;
      rows.push_back({{"time_unix_ns", std::to_string(last.time_unix_ns)},
                      {"first_time_unix_ns", std::to_string(row.first_time_unix_ns)},
                      {"count", row.count},
                      {"status", last.status},
                      {"path", last.path.empty() ? json::value() : json::value(last.path)},
                      {"signal", last.signal ? json::value(SignalWord(*last.signal)) : json::value()},
                      {"remote", last.remote},
                      {"reason", last.reason},
                      {"fix", last.fix}});
    }
    return JsonResponse(ToJson({{"data", std::move(rows)}, {"next_cursor", nullptr}}));
  }

  Result<Response> Status(const Request&) const { return JsonResponse(ToJson(sources_.status())); }

  Result<Response> Ready(const Request&) const {
    RETURN_IF_ERROR(sources_.ready());
    return JsonResponse(ToJson({{"ready", true}, {"warnings", sources_.status().at("warnings")}}));
  }

 private:
  store::SpanReader SpansFor(const Request& request) const {
    return store::SpanReader(sources_.clickhouse, OptionsOf(request));
  }
  store::TraceList TracesFor(const Request& request) const {
    return store::TraceList(sources_.clickhouse, OptionsOf(request));
  }
  Result<std::vector<store::Annotation>> AnnotationsOf(const Request& request,
                                                       const store::AnnotationFilter& filter) const {
    if (!sources_.any_annotations()) return std::vector<store::Annotation>();
    ASSIGN_OR_RETURN(
        std::vector<store::Annotation> found,
        store::Annotations(sources_.clickhouse).Read(filter, store::kAnnotationsReadMax, 0, OptionsOf(request)));
    std::ranges::stable_sort(found, {}, &store::Annotation::span_id);
    return found;
  }
  store::LogReader LogsFor(const Request& request) const {
    return store::LogReader(sources_.clickhouse, OptionsOf(request));
  }

  // Of a large trace without the spans; the text will not have them either when they are more than `spans_max`.
  Result<StoredTrace> ReadTrace(const Request& request, const std::optional<std::string>& project,
                                const TraceId& trace_id, std::size_t spans_max) const {
    StoredTrace trace;
    ASSIGN_OR_RETURN(std::optional<store::WholeTrace> whole,
                     store::ReadWholeTrace(sources_.clickhouse, project, trace_id, OptionsOf(request)));
    if (whole) {
      trace.summary = std::move(whole->summary);
      trace.index = std::move(whole->index);
      trace.spans = std::move(whole->batch);
    } else {
      ASSIGN_OR_RETURN(trace.index, SpansFor(request).IndexTrace(project, trace_id));
      ASSIGN_OR_RETURN(std::vector<store::TraceSummary> summaries,
                       TracesFor(request).Summarize(trace.index.project, {trace_id}));
      if (summaries.empty()) trace.index.spans.clear();  // deleted meanwhile
      if (!summaries.empty()) trace.summary = std::move(summaries.front());
    }
    if (trace.index.spans.empty()) return trace;
    trace.without_spans = trace.index.spans.size() > spans_max;
    ASSIGN_OR_RETURN(trace.logs, LogsFor(request).ReadTrace(trace.index.project, trace_id, std::nullopt));
    ASSIGN_OR_RETURN(trace.annotations,
                     AnnotationsOf(request, {.project = trace.index.project, .trace_ids = {trace_id}}));
    if (trace.without_spans) return trace;
    Result<AgentInstructions> instructions =
        trace.spans
            ? AgentInstructions::ReadFor(sources_.clickhouse, trace.index.project, *trace.spans, OptionsOf(request))
            : AgentInstructions::Read(sources_.clickhouse, trace.index.project, {trace_id}, OptionsOf(request));
    ASSIGN_OR_RETURN(trace.instructions, std::move(instructions));
    return trace;
  }

  Result<Response> Trace(const Request& request, const std::optional<std::string>& project,
                         const std::string& hex) const {
    ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(hex));
    ASSIGN_OR_RETURN(const std::size_t spans_max, ParseLimit(request.query_param("spans_max"), kSpansOfTrace));
    ASSIGN_OR_RETURN(const std::size_t text_max, ParseLimit(request.query_param("text_max"), kTextOfSpan));
    RETURN_IF_ERROR(sources_.wait_until_stored(trace_id));
    ASSIGN_OR_RETURN(StoredTrace trace, ReadTrace(request, project, trace_id, spans_max));
    if (trace.index.spans.empty())
      return Fail(ErrorCode::kNotFound,
                  fmt::format("no trace {}{}; its spans may still be on their way", trace_id.ToHex(),
                              project ? fmt::format(" in project \"{}\"", *project) : ""));
    trace.text_bytes_max = text_max;
    // Owned by the copies of what makes the body.
    const auto text =
        std::make_shared<TraceText>(sources_.clickhouse, OptionsOf(request), std::move(trace), sources_.prices.Now());
    ASSIGN_OR_RETURN(std::string first, text->First());
    if (text->ended()) return JsonResponse(std::move(first));
    Response response;
    response.next_piece = [text, first = std::move(first)](const PieceDone& done) mutable {
      done(first.empty() ? text->Next() : std::exchange(first, std::string()));
    };
    return response;
  }

  ApiSources sources_;
  const std::unique_ptr<store::ProjectList> projects_;
};

using Route = Result<Response> (ApiRoutes::*)(const Request&) const;

}  // namespace

store::QueryOptions OptionsOf(const Request& request) { return {.stop = request.abandoned}; }

Header PendingHeader(std::uint64_t pending) { return {"X-Nightjar-Pending-Requests", std::to_string(pending)}; }

void AddApiRoutes(const ApiSources& sources, Router& router) {
  // Owned by the handlers, which share it.
  const auto routes = std::make_shared<const ApiRoutes>(sources);
  const auto get = [&](std::string_view pattern, RunOn where, Route route) {
    router.Add("GET", pattern, where, [routes, route](const Request& request, const Respond& respond) {
      const Result<Response> response = ((*routes).*route)(request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  router.Add("GET", "/healthz", RunOn::kIoThread,
             [](const Request&, const Respond& respond) { respond({.content_type = "text/plain", .body = "ok\n"}); });
  get("/readyz", RunOn::kIoThread, &ApiRoutes::Ready);
  get("/api/v1/status", RunOn::kIoThread, &ApiRoutes::Status);
  get("/api/v1/rejected", RunOn::kIoThread, &ApiRoutes::Rejected);
  get("/api/v1/projects", RunOn::kReader, &ApiRoutes::Projects);
  get("/api/v1/projects/{project}/traces/{trace_id}", RunOn::kReader, &ApiRoutes::TraceInProject);
  get("/api/v1/projects/{project}/traces/{trace_id}/spans/{span_id}", RunOn::kReader, &ApiRoutes::Span);
  get("/api/v1/traces/{trace_id}", RunOn::kReader, &ApiRoutes::TraceAnywhere);
  AddAnnotationRoutes(sources, router);
  AddExportRoutes(sources, router);
  AddHealthRoutes(sources, router);
  AddLogRoutes(sources, router);
  AddMetricRoutes(sources, router);
  AddPeopleRoutes(sources, router);
  AddQueryRoutes(sources, router);
  AddSqlRoutes(sources, router);
  AddStreamRoutes(sources, router);
  AddTracePartRoutes(sources, router);
  AddTraceScanRoutes(sources, router);
  AddUsageRoutes(sources, router);
  AddConversationRoutes(sources, router);
}

}  // namespace nightjar::server
