#include "server/query_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "query/aggregate.h"
#include "query/complete.h"
#include "query/parse.h"
#include "query/scope.h"
#include "query/search.h"
#include "server/asked.h"
#include "server/errors.h"
#include "server/query_json.h"
#include "server/query_params.h"
#include "server/text_matches.h"
#include "server/trace_json.h"
#include "store/trace_list.h"

namespace nightjar::server {
namespace {

using query::Field;
using query::FieldType;
using query::Grain;

constexpr LimitRange kPageLimit = {.if_absent = 50, .max = query::kPageRowsMax};
constexpr LimitRange kFacetLimit = {.if_absent = 10, .max = query::kFacetValuesMax};
constexpr std::size_t kBucketsIfAbsent = 60;
constexpr LimitRange kSuggestLimit = {.if_absent = 20, .max = query::kFacetValuesMax};
constexpr std::size_t kFacetsMax = 12;
constexpr std::string_view kFacetsIfAbsent = "kind,status,service,model,name,tool,user";

// "of=traces" or "of=spans".
Result<Grain> ParseGrain(const Request& request) {
  const std::string_view text = request.query_param("of");
  if (text.empty() || text == "traces") return Grain::kTrace;
  if (text == "spans") return Grain::kSpan;
  return Fail(ErrorCode::kInvalidArgument, fmt::format("of \"{}\" is neither traces nor spans", text));
}

Response ListResponse(json::array rows, json::value next_cursor, std::uint64_t pending) {
  return JsonResponse(
      ToJson({{"data", std::move(rows)}, {"next_cursor", std::move(next_cursor)}, {"pending_requests", pending}}));
}

struct ListRequest {
  query::Window window;
  query::SortOrder order;
  std::size_t limit;
  std::optional<query::Position> after;
};

Result<ListRequest> ParseList(const Request& request, query::ListOf of) {
  ListRequest list;
  ASSIGN_OR_RETURN(list.window, ParseWindow(request));
  const std::string_view sort = request.query_param("sort");
  ASSIGN_OR_RETURN(list.order, query::ParseSort(sort.empty() ? "-start" : sort, of));
  ASSIGN_OR_RETURN(list.limit, ParseLimit(request.query_param("limit"), kPageLimit));
  if (const std::string_view cursor = request.query_param("cursor"); !cursor.empty()) {
    ASSIGN_OR_RETURN(list.after, query::ParsePosition(cursor, of, list.order));
  }
  return list;
}

// Whether it is the plain list of the newest, for which there is a shorter way.
bool IsPlain(const query::Expression& expression, const ListRequest& list) {
  return expression.kind == query::Expression::Kind::kAll && !list.window.from && !list.window.to &&
         list.order.is_newest_first();
}

std::optional<store::TracePosition> PlainPosition(const std::optional<query::Position>& after) {
  if (!after) return std::nullopt;
  store::TracePosition position{.start_unix_ns = 0, .trace_id = after->trace_id};
  std::from_chars(after->key.data(), after->key.data() + after->key.size(), position.start_unix_ns);
  return position;
}

Result<Response> NewestTraces(const ApiSources& sources, const Request& request, const ListRequest& list) {
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const std::vector<store::TraceSummary> traces,
                   store::TraceList(sources.clickhouse, OptionsOf(request))
                       .Newest(list.window.project, list.limit, PlainPosition(list.after)));
  json::array rows;
  for (const store::TraceSummary& trace : traces) rows.push_back(ToJsonValue(trace));
  json::value next;
  if (traces.size() == list.limit)
    next = query::ToText({std::to_string(traces.back().start_unix_ns), traces.back().trace_id, SpanId(), {}},
                         query::ListOf::kTraces);
  return ListResponse(std::move(rows), std::move(next), pending);
}

Result<Response> Traces(const ApiSources& sources, const Request& request, const query::Expression& expression) {
  ASSIGN_OR_RETURN(const ListRequest list, ParseList(request, query::ListOf::kTraces));
  ASSIGN_OR_RETURN(const std::size_t matches_max, ParseMatchesMax(request));
  if (IsPlain(expression, list)) return NewestTraces(sources, request, list);
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const query::Page<TraceId> page,
                   query::Search(sources.clickhouse, OptionsOf(request))
                       .Traces({expression, list.window, list.order, list.limit, list.after}));
  std::vector<store::TraceSummary> summaries;
  if (!page.rows.empty()) {
    ASSIGN_OR_RETURN(
        summaries, store::TraceList(sources.clickhouse, OptionsOf(request)).Summarize(list.window.project, page.rows));
  }
  std::map<TraceId, json::object> row_of;
  for (const store::TraceSummary& trace : summaries) row_of.emplace(trace.trace_id, ToJsonValue(trace));
  TextMatches matches(sources, request, expression, matches_max);
  RETURN_IF_ERROR(matches.ReadTraces(page.rows));
  json::array rows;
  for (const TraceId& id : page.rows)
    if (const auto row = row_of.find(id); row != row_of.end()) {
      matches.AddTo(row->second, id.ToHex());
      rows.push_back(std::move(row->second));
    }
  json::value next;
  if (page.next) next = query::ToText(*page.next, query::ListOf::kTraces);
  return ListResponse(std::move(rows), std::move(next), pending);
}

Result<Response> Spans(const ApiSources& sources, const Request& request, const query::Expression& expression) {
  ASSIGN_OR_RETURN(const ListRequest list, ParseList(request, query::ListOf::kSpans));
  ASSIGN_OR_RETURN(const std::size_t matches_max, ParseMatchesMax(request));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const query::Page<query::SpanHit> page,
                   query::Search(sources.clickhouse, OptionsOf(request))
                       .Spans({expression, list.window, list.order, list.limit, list.after}));
  TextMatches matches(sources, request, expression, matches_max);
  RETURN_IF_ERROR(matches.ReadSpans(page.rows));
  json::array rows;
  for (const query::SpanHit& span : page.rows) {
    rows.push_back(ToJsonValue(span));
    matches.AddTo(rows.back().get_object(), span.trace_id.ToHex() + span.span_id.ToHex());
  }
  json::value next;
  if (page.next) next = query::ToText(*page.next, query::ListOf::kSpans);
  return ListResponse(std::move(rows), std::move(next), pending);
}

bool HasFacet(const Field& field) { return field.type == FieldType::kText || field.type == FieldType::kWord; }

Result<std::vector<const Field*>> ParseFacets(std::string_view text) {
  std::vector<const Field*> fields;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    const Field* field = query::FindField(name);
    if (field == nullptr || !HasFacet(*field))
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("fields: \"{}\" is not a field with values to count, such as {}", name, kFacetsIfAbsent));
    fields.push_back(field);
  }
  if (fields.size() > kFacetsMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("fields has {} fields, at most {} are allowed", fields.size(), kFacetsMax));
  return fields;
}

json::array RowsOf(const std::vector<query::ValueCount>& counts) {
  json::array values;
  for (const query::ValueCount& count : counts) values.push_back({{"value", count.value}, {"count", count.count}});
  return values;
}

Result<Response> Facets(const ApiSources& sources, const Request& request, const query::Expression& expression) {
  ASSIGN_OR_RETURN(const query::Window window, ParseWindow(request));
  ASSIGN_OR_RETURN(const Grain grain, ParseGrain(request));
  const std::string_view names = request.query_param("fields");
  ASSIGN_OR_RETURN(const std::vector<const Field*> fields, ParseFacets(names.empty() ? kFacetsIfAbsent : names));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kFacetLimit));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(
      const std::vector<query::Facet> facets,
      query::Aggregate(sources.clickhouse, OptionsOf(request)).Facets({expression, grain, window}, fields, limit));
  json::array rows;
  for (const query::Facet& facet : facets)
    rows.push_back({{"field", facet.field->name}, {"values", RowsOf(facet.values)}});
  return JsonResponse(ToJson({{"data", std::move(rows)}, {"pending_requests", pending}}));
}

Result<std::size_t> ParseBuckets(std::string_view text) {
  if (text.empty()) return kBucketsIfAbsent;
  std::size_t buckets = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), buckets);
  if (error != std::errc() || end != text.data() + text.size() || buckets < query::kHistogramBucketsMin ||
      buckets > query::kHistogramBucketsMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("buckets \"{}\" is not a number from {} to {}", text,
                                                         query::kHistogramBucketsMin, query::kHistogramBucketsMax));
  return buckets;
}

Result<Response> Histogram(const ApiSources& sources, const Request& request, const query::Expression& expression) {
  ASSIGN_OR_RETURN(const query::Window window, ParseWindow(request));
  ASSIGN_OR_RETURN(const Grain grain, ParseGrain(request));
  ASSIGN_OR_RETURN(const std::size_t buckets_max, ParseBuckets(request.query_param("buckets")));
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(
      const query::Histogram histogram,
      query::Aggregate(sources.clickhouse, OptionsOf(request)).OverTime({expression, grain, window}, buckets_max));
  json::array rows;
  for (const query::Bucket& bucket : histogram.buckets)
    rows.push_back({{"start_unix_ns", std::to_string(bucket.start_unix_ns)},
                    {"count", bucket.count},
                    {"errors", bucket.errors},
                    {"duration_p50_ns", bucket.duration_p50_ns},
                    {"duration_p95_ns", bucket.duration_p95_ns}});
  return JsonResponse(ToJson(
      {{"data", std::move(rows)}, {"bucket_ns", std::to_string(histogram.bucket_ns)}, {"pending_requests", pending}}));
}

json::array FieldNames(std::string_view prefix) {
  json::array names;
  const std::string lower(prefix);
  for (const Field& field : query::Fields())
    if (field.name.starts_with(lower))
      names.push_back({{"value", field.name}, {"meaning", field.meaning}, {"example", field.example}});
  return names;
}

// The condition at the cursor is left out of what values are counted under.
Result<Response> Suggest(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const query::Window window, ParseWindow(request));
  ASSIGN_OR_RETURN(const Grain grain, ParseGrain(request));
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kSuggestLimit));
  const std::string_view text = request.query_param("q");
  std::size_t at = text.size();
  if (const std::string_view number = request.query_param("at"); !number.empty()) {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), at);
    if (error != std::errc() || end != number.data() + number.size() || at > text.size())
      return Fail(ErrorCode::kInvalidArgument,
                  fmt::format("at \"{}\" is not a byte of q, which has {}", number, text.size()));
  }
  const query::Completion completion = query::CompletionAt(text, at);
  using Wanted = query::Completion::Wanted;
  json::array rows;
  std::string_view wanted = "field";
  if (completion.wanted == Wanted::kCondition || completion.wanted == Wanted::kField) {
    rows = FieldNames(completion.typed);
  } else {
    wanted = completion.wanted == Wanted::kKey ? "key" : "value";
    const bool has_values =
        completion.field != nullptr &&
        (HasFacet(*completion.field) || completion.field->takes_key() || completion.field->type == FieldType::kTag);
    if (has_values) {
      const query::Expression rest = query::Parse(completion.rest).expression;
      ASSIGN_OR_RETURN(const std::vector<query::ValueCount> values,
                       query::Aggregate(sources.clickhouse, OptionsOf(request))
                           .Values({rest, grain, window}, *completion.field, completion.typed, limit));
      rows = RowsOf(values);
    }
  }
  return JsonResponse(
      ToJson({{"data", std::move(rows)},
              {"wanted", wanted},
              {"field", completion.field != nullptr ? json::value(completion.field->name) : json::value()},
              {"replace", {{"begin", completion.replaced.begin}, {"end", completion.replaced.end}}}}));
}

Result<Response> FieldTable() {
  json::array rows;
  for (const Field& field : query::Fields()) {
    json::array words;
    for (const query::Word& word : field.words) words.emplace_back(word.word);
    rows.push_back({{"name", field.name},
                    {"meaning", field.meaning},
                    {"example", field.example},
                    {"words", std::move(words)},
                    {"sorts_traces", query::ParseSort(field.name, query::ListOf::kTraces).has_value()},
                    {"sorts_spans", query::ParseSort(field.name, query::ListOf::kSpans).has_value()}});
  }
  json::array scopes;
  for (const query::Scope& scope : query::Scopes())
    scopes.push_back({{"name", scope.word}, {"meaning", scope.meaning}, {"example", scope.example}});
  return JsonResponse(ToJson({{"data", std::move(rows)}, {"scopes", std::move(scopes)}}));
}

using Ask = Result<Response> (*)(const ApiSources&, const Request&, const query::Expression&);

}  // namespace

void AddQueryRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view pattern, Ask ask, std::optional<Grain> grain = {}) {
    router.Add("GET", pattern, RunOn::kReader, [sources, ask, grain](const Request& request, const Respond& respond) {
      const Result<Grain> asked = grain ? Result<Grain>(*grain) : ParseGrain(request);
      if (!asked) return respond(ErrorResponse(asked.error()));
      Answer(request, respond, *asked,
             [&](const query::Expression& expression) { return ask(sources, request, expression); });
    });
  };
  get("/api/v1/projects/{project}/traces", Traces, Grain::kTrace);
  get("/api/v1/projects/{project}/spans", Spans, Grain::kSpan);
  get("/api/v1/projects/{project}/facets", Facets);
  get("/api/v1/projects/{project}/histogram", Histogram);
  router.Add("GET", "/api/v1/projects/{project}/suggest", RunOn::kReader,
             [sources](const Request& request, const Respond& respond) {
               const Result<Response> response = Suggest(sources, request);
               respond(response ? *response : ErrorResponse(response.error()));
             });
  router.Add("GET", "/api/v1/query/fields", RunOn::kIoThread,
             [](const Request&, const Respond& respond) { respond(*FieldTable()); });
}

}  // namespace nightjar::server
