#include "server/health_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "semconv/known_keys.h"
#include "server/errors.h"
#include "store/ingest_health.h"

namespace nightjar::server {
namespace {

using store::HealthFinding;
using store::IngestHealth;

constexpr std::size_t kUnknownKeysMax = 100;
constexpr std::size_t kExampleCharactersMax = 100;

// What of a project a finding is a part of.
enum class Whole : std::uint8_t { kNone, kSpans, kTraces, kCalls, kTracesWithCalls, kNames };

// `error`: figures are wrong. `warning`: something is missing that Nightjar would show. `info`: good to know.
struct FindingText {
  HealthFinding finding;
  std::string_view code;
  std::string_view severity;
  Whole of;
  std::string_view message;
  std::string_view remedy;
};

// In the order of the answer.
constexpr FindingText kFindings[] = {
    {HealthFinding::kImpossibleTokens, "impossible_tokens", "error", Whole::kCalls,
     "calls whose token counts cannot be: the parts are more than the whole",
     "send gen_ai.usage.input_tokens with the cached tokens in it, gen_ai.usage.output_tokens with the reasoning "
     "tokens in it, and no total but their sum"},
    {HealthFinding::kEndsBeforeStart, "ends_before_start", "error", Whole::kSpans, "spans that end before they start",
     "set end_time_unix_nano from the clock that start_time_unix_nano came from"},
    {HealthFinding::kClockAhead, "clock_ahead", "error", Whole::kSpans,
     "spans that start more than 10 minutes after they arrived", "synchronise the sender's clock (NTP)"},
    {HealthFinding::kStartsBeforeParent, "starts_before_parent", "warning", Whole::kSpans,
     "spans that start over a second before their parent",
     "synchronise the clocks of the machines that take part in these traces (NTP)"},
    {HealthFinding::kNestedCalls, "nested_calls", "warning", Whole::kCalls,
     "calls inside a call with the same token counts: one call is probably traced twice",
     "switch one of the two instrumentations off, or set openinference.span.kind of the outer span to CHAIN or AGENT"},
    {HealthFinding::kDeclaredTokens, "declared_tokens", "warning", Whole::kTracesWithCalls,
     "traces whose root declares other token counts than its calls add up to; totals are those of the calls",
     "find the call that is not traced, or is traced twice; nothing to do where the framework is known to write the "
     "usage of its last step there"},
    {HealthFinding::kRepeatedResponseId, "repeated_response_id", "warning", Whole::kNone,
     "provider responses that several calls tell of: two instrumentations trace the same call",
     "switch one of the two instrumentations off: of a framework and the provider's SDK below it one is enough"},
    {HealthFinding::kNoTokens, "no_tokens", "warning", Whole::kCalls, "calls without token counts, so without a cost",
     "set gen_ai.usage.input_tokens and gen_ai.usage.output_tokens; for streams of OpenAI's API ask for them with "
     "stream_options.include_usage"},
    {HealthFinding::kNoModel, "no_model", "warning", Whole::kCalls, "calls without a model, so without a cost",
     "set gen_ai.request.model and gen_ai.response.model"},
    {HealthFinding::kNoSession, "no_session", "warning", Whole::kTracesWithCalls,
     "traces with calls and without a session, so not part of a conversation",
     "set session.id (or gen_ai.conversation.id) on a span of the trace: the same value for each turn of a "
     "conversation"},
    {HealthFinding::kNoUser, "no_user", "info", Whole::kTracesWithCalls, "traces with calls and without a user",
     "set user.id on a span of the trace"},
    {HealthFinding::kNoRoot, "no_root", "warning", Whole::kTraces,
     "traces whose root has not arrived, a minute after their last span",
     "end the root span and flush the exporter before the program exits; sample whole traces, not spans"},
    {HealthFinding::kMissingParents, "missing_parents", "warning", Whole::kNone,
     "spans that others name as their parent and that have not arrived, a minute after the trace's last span",
     "export the spans of every service of the trace to this project, and flush the exporter before the program exits"},
    {HealthFinding::kMixedDialects, "mixed_dialects", "info", Whole::kTraces,
     "traces in which several conventions are mixed",
     "nothing to do when each library traces something else; of libraries that trace the same calls one is enough"},
    {HealthFinding::kEstimatedTokens, "estimated_tokens", "info", Whole::kCalls,
     "calls whose tokens a library counted, because the provider sent no counts",
     "for streams of OpenAI's API set stream_options.include_usage"},
    {HealthFinding::kNamesWithIds, "names_with_ids", "warning", Whole::kNames,
     "names of spans that differ in digits only: there are ids in them",
     "name spans for what they do (\"GET /users/{id}\"), and put ids into attributes"},
};
static_assert(std::size(kFindings) == static_cast<std::size_t>(HealthFinding::kCount));

std::optional<std::uint64_t> SizeOf(Whole whole, const IngestHealth& health) {
  switch (whole) {
    case Whole::kSpans: return health.spans;
    case Whole::kTraces: return health.traces;
    case Whole::kCalls: return health.calls;
    case Whole::kTracesWithCalls: return health.traces_with_calls;
    case Whole::kNames: return health.names;
    case Whole::kNone: break;
  }
  return std::nullopt;
}

json::array Findings(const IngestHealth& health) {
  json::array findings;
  for (const FindingText& text : kFindings) {
    const store::HealthCount& found = health.findings[static_cast<std::size_t>(text.finding)];
    if (found.count == 0) continue;
    const std::optional<std::uint64_t> of = SizeOf(text.of, health);
    json::array trace_ids;
    for (const TraceId& id : found.trace_ids) trace_ids.push_back(json::value(id.ToHex()));
    findings.push_back({{"code", text.code},
                        {"severity", text.severity},
                        {"count", found.count},
                        {"of", of ? json::value(*of) : json::value()},
                        {"message", text.message},
                        {"remedy", text.remedy},
                        {"trace_ids", std::move(trace_ids)}});
  }
  return findings;
}

// Most spans first.
json::array Dialects(const IngestHealth& health) {
  std::map<std::string, std::uint64_t> spans_of;
  for (const store::LibraryCount& library : health.libraries) spans_of[library.dialect] += library.spans;
  std::vector<std::pair<std::string, std::uint64_t>> order(spans_of.begin(), spans_of.end());
  std::ranges::stable_sort(order, std::ranges::greater(), [](const auto& entry) { return entry.second; });
  json::array dialects;
  for (const auto& [dialect, spans] : order) {
    json::array libraries;
    for (const store::LibraryCount& library : health.libraries)
      if (library.dialect == dialect)
        libraries.push_back({{"name", library.name}, {"version", library.version}, {"spans", library.spans}});
    dialects.push_back({{"dialect", dialect}, {"spans", spans}, {"libraries", std::move(libraries)}});
  }
  return dialects;
}

// Attributes of conventions for models that no rule reads.
json::array UnknownAttributes(const IngestHealth& health) {
  json::array unknown;
  for (const store::KeyCount& key : health.keys) {
    if (unknown.size() == kUnknownKeysMax) break;
    if (semconv::IsKnown(key.key)) continue;
    const std::string_view example = Utf8Prefix(key.example, kExampleCharactersMax);
    unknown.push_back(
        {{"key", key.key}, {"count", key.count}, {"example", example.empty() ? json::value() : json::value(example)}});
  }
  return unknown;
}

Result<Response> Health(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(const std::optional<IngestHealth> health,
                   store::HealthReader(sources.clickhouse, OptionsOf(request)).Read(project));
  if (!health && pending > 0)
    return Fail(ErrorCode::kUnavailable,
                fmt::format("no spans in project \"{}\" yet: {} requests wait", project, pending));
  if (!health) return Fail(ErrorCode::kNotFound, fmt::format("no spans in project \"{}\"", project));
  return JsonResponse(ToJson({{"project", project},
                              {"from_unix_ns", std::to_string(health->from)},
                              {"to_unix_ns", std::to_string(health->to)},
                              {"spans", health->spans},
                              {"traces", health->traces},
                              {"calls", health->calls},
                              {"findings", Findings(*health)},
                              {"dialects", Dialects(*health)},
                              {"unknown_attributes", UnknownAttributes(*health)},
                              {"pending_requests", pending}}));
}

}  // namespace

void AddHealthRoutes(const ApiSources& sources, Router& router) {
  router.Add("GET", "/api/v1/projects/{project}/ingest-health", RunOn::kReader,
             [sources](const Request& request, const Respond& respond) {
               const Result<Response> response = Health(sources, request);
               respond(response ? *response : ErrorResponse(response.error()));
             });
}

}  // namespace nightjar::server
