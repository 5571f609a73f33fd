#include "server/export_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "otlp/encode_traces_json.h"
#include "query/compile.h"
#include "query/search.h"
#include "server/asked.h"
#include "server/engine_stream.h"
#include "server/errors.h"
#include "server/query_json.h"
#include "server/query_params.h"
#include "store/span_reader.h"
#include "store/views.h"

namespace nightjar::server {
namespace {

using query::Grain;

constexpr std::size_t kPageSpans = 500;

struct Format {
  std::string_view word;
  const char* engine;  // its name for it; nullptr: OTLP/JSON
  const char* content_type;
};
constexpr Format kFormats[] = {{"otlp_json", nullptr, "application/json"},
                               {"jsonl", "JSONEachRow", "application/x-ndjson"},
                               {"csv", "CSVWithNames", "text/csv; charset=utf-8"},
                               {"parquet", "Parquet", "application/vnd.apache.parquet"},
                               {"arrow", "ArrowStream", "application/vnd.apache.arrow.stream"}};

Result<Format> ParseFormat(const Request& request) {
  const std::string_view word = request.query_param("format");
  const auto found = std::ranges::find(kFormats, word.empty() ? "otlp_json" : word, &Format::word);
  if (found != std::end(kFormats)) return *found;
  return Fail(ErrorCode::kInvalidArgument,
              fmt::format("format \"{}\" is none of otlp_json, jsonl, csv, parquet, arrow", word));
}

// A spreadsheet takes a cell that begins so for a formula; an apostrophe makes it a text.
constexpr std::string_view kCsvTexts[] = {
    "name",        "title",          "status_message", "service_name",      "model",         "provider",
    "operation",   "agent_name",     "tool_name",      "session_id",        "user_id",       "finish_reason",
    "prompt_name", "prompt_version", "exception_type", "exception_message", "input_preview", "output_preview",
    "dialect",     "scope_name",     "project"};

std::string Harmless(const std::string& rows) {
  std::string replaced;
  for (const std::string_view column : kCsvTexts)
    replaced += fmt::format("{0}if(match({1}, '^[=+\\\\-@\\\\t\\\\r]'), concat('\\'', {1}), {1}) AS {1}",
                            replaced.empty() ? "" : ", ", column);
  return fmt::format("SELECT * REPLACE({}) FROM ({})", replaced, rows);
}

// The spans of one trace after the other, as one OTLP request. One thread at a time.
class OtlpText {
 public:
  // `more` gives the next traces; none at the end.
  using More = std::function<Result<std::vector<TraceId>>()>;
  OtlpText(store::SpanReader reader, std::string project, More more)
      : reader_(std::move(reader)), project_(std::move(project)), more_(std::move(more)) {}

  // Empty at the end.
  Result<std::string> Next() {
    if (ended_) return std::string();
    while (next_ == index_.spans.size()) {
      if (traces_.empty()) {
        ASSIGN_OR_RETURN(const std::vector<TraceId> more, more_());
        traces_.assign(more.begin(), more.end());
      }
      if (traces_.empty()) {
        ended_ = true;
        return std::string(begun_ ? "]}\n" : "{\"resourceSpans\":[]}\n");
      }
      ASSIGN_OR_RETURN(index_, reader_.IndexTrace(project_, traces_.front()));
      traces_.pop_front();
      next_ = 0;
    }
    const std::size_t end = std::min(next_ + kPageSpans, index_.spans.size());
    ASSIGN_OR_RETURN(const model::SpanBatch batch, reader_.ReadSpans(index_, next_, end));
    next_ = end;
    if (batch.spans.empty()) return Next();  // sent again with other times since
    return (std::exchange(begun_, true) ? "," : "{\"resourceSpans\":[") + otlp::ResourceSpansJson(batch);
  }

 private:
  const store::SpanReader reader_;
  const std::string project_;
  const More more_;
  std::deque<TraceId> traces_;
  store::TraceIndex index_;
  std::size_t next_ = 0;  // of index_.spans
  bool begun_ = false;
  bool ended_ = false;
};

// What fails at the beginning is an error; later the connection breaks off.
template <typename Next>
Result<Response> InPieces(const Format& format, std::string_view name, Next next) {
  ASSIGN_OR_RETURN(std::string first, next());
  Response response;
  response.content_type = format.content_type;
  const std::string_view extension = format.word == "otlp_json" ? "json" : format.word;
  response.headers = {{"Content-Disposition", fmt::format("attachment; filename=\"{}.{}\"", name, extension)}};
  response.next_piece = [next = std::move(next),
                         first = std::optional(std::move(first))](const PieceDone& done) mutable {
    if (!first) return done(next());
    done(*std::exchange(first, std::nullopt));
  };
  return response;
}

Result<Response> SayPending(Result<Response> response, std::uint64_t pending) {
  if (response) response->headers.push_back(PendingHeader(pending));
  return response;
}

class ExportRoutes {
 public:
  explicit ExportRoutes(const ApiSources& sources) : sources_(sources), streams_(sources.clickhouse) {}

  Result<Response> Matching(const Request& request) {
    ASSIGN_OR_RETURN(const Format format, ParseFormat(request));
    ASSIGN_OR_RETURN(const query::Window window, ParseWindow(request));
    const std::string_view of = request.query_param("of");
    if (!of.empty() && of != "spans" && of != "traces")
      return Fail(ErrorCode::kInvalidArgument, fmt::format("of \"{}\" is neither traces nor spans", of));
    if (of == "spans" && format.engine == nullptr)
      return Fail(ErrorCode::kInvalidArgument, "otlp_json has whole traces; leave of=spans out or ask for jsonl");
    const Grain grain = of == "traces" || format.engine == nullptr ? Grain::kTrace : Grain::kSpan;
    ASSIGN_OR_RETURN(query::ParsedQuery parsed, ParseAsked(request, grain));
    if (!parsed.mistakes.empty()) return MistakesResponse(request, parsed.mistakes);
    const std::uint64_t pending = sources_.wait_for_lists();
    if (format.engine != nullptr) {
      query::Condition condition = query::Compile(parsed.expression, grain, window);
      return SayPending(Rows(request, format, std::move(condition), "spans"), pending);
    }
    const auto expression = std::make_shared<const query::Expression>(std::move(parsed.expression));
    OtlpText::More more = [=, this, position = std::optional<query::Position>(), done = false,
                           options = OptionsOf(request)]() mutable {
      return NextTraces(*expression, window, options, position, done);
    };
    return SayPending(Otlp(request, window.project, "traces", std::move(more)), pending);
  }

  Result<Response> Trace(const Request& request) {
    ASSIGN_OR_RETURN(const Format format, ParseFormat(request));
    const std::string& project = request.path_params.at(0);
    ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
    RETURN_IF_ERROR(sources_.wait_until_stored(trace_id));
    ASSIGN_OR_RETURN(const store::TraceIndex index,
                     store::SpanReader(sources_.clickhouse, OptionsOf(request)).IndexTrace(project, trace_id));
    if (index.spans.empty())
      return Fail(ErrorCode::kNotFound,
                  fmt::format("no trace {} in project \"{}\"", trace_id.ToHex(), request.path_params.at(0)));
    if (format.engine != nullptr)
      return Rows(request, format,
                  {.sql = "project = {project:String} AND trace_id = toFixedString(unhex({trace:String}), 16)",
                   .params = {{"project", project}, {"trace", trace_id.ToHex()}}},
                  trace_id.ToHex());
    return Otlp(request, project, trace_id.ToHex(), [traces = std::vector<TraceId>{trace_id}]() mutable {
      return Result<std::vector<TraceId>>(std::exchange(traces, {}));
    });
  }

 private:
  Result<Response> Rows(const Request& request, const Format& format, query::Condition condition,
                        std::string_view name) {
    std::string sql = store::SpanRowsSql(condition.sql);
    if (format.word == "csv") sql = Harmless(sql);
    ASSIGN_OR_RETURN(const std::shared_ptr<EngineStream> stream,
                     streams_.Begin({sql + condition.settings, std::move(condition.params), format.engine}));
    return InPieces(format, name, [stream, abandoned = request.abandoned] { return stream->Next(abandoned); });
  }

  Result<Response> Otlp(const Request& request, const std::string& project, std::string_view name,
                        OtlpText::More more) {
    const auto text = std::make_shared<OtlpText>(store::SpanReader(sources_.clickhouse, OptionsOf(request)), project,
                                                 std::move(more));
    return InPieces(kFormats[0], name, [text] { return text->Next(); });
  }

  Result<std::vector<TraceId>> NextTraces(const query::Expression& expression, const query::Window& window,
                                          const store::QueryOptions& options, std::optional<query::Position>& position,
                                          bool& done) const {
    if (done) return std::vector<TraceId>();
    ASSIGN_OR_RETURN(const query::SortOrder order, query::ParseSort("-start", query::ListOf::kTraces));
    ASSIGN_OR_RETURN(
        query::Page<TraceId> page,
        query::Search(sources_.clickhouse, options).Traces({expression, window, order, query::kPageRowsMax, position}));
    position = std::move(page.next);
    done = !position;
    return std::move(page.rows);
  }

  const ApiSources sources_;
  EngineStreams streams_;
};

}  // namespace

void AddExportRoutes(const ApiSources& sources, Router& router) {
  // Owned by the handlers, which outlive every answer.
  const auto routes = std::make_shared<ExportRoutes>(sources);
  const auto get = [&](std::string_view pattern, Result<Response> (ExportRoutes::*answer)(const Request&)) {
    router.Add("GET", pattern, RunOn::kReader, [routes, answer](const Request& request, const Respond& respond) {
      const Result<Response> response = ((*routes).*answer)(request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  get("/api/v1/projects/{project}/export", &ExportRoutes::Matching);
  get("/api/v1/projects/{project}/traces/{trace_id}/export", &ExportRoutes::Trace);
}

}  // namespace nightjar::server
