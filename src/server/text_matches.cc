#include "server/text_matches.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>
#include <utility>

#include "model/span_json.h"
#include "query/word_spans.h"
#include "semconv/normalize.h"
#include "server/errors.h"
#include "server/query_params.h"

namespace nightjar::server {
namespace {

constexpr std::size_t kSpansOfTrace = 4;
// Read at once; fewer when they or their bodies are large.
constexpr std::size_t kPageSpans = 200;
constexpr std::uint64_t kPageBytesMax = 16 << 20;

}  // namespace

Result<std::size_t> ParseMatchesMax(const Request& request) {
  const std::string_view text = request.query_param("matches");
  if (text.empty() || text == "0") return std::size_t{0};
  return ParseLimit(text, {.if_absent = 0, .max = kMatchesMax});
}

TextMatches::TextMatches(const ApiSources& sources, const Request& request, const query::Expression& expression,
                         std::size_t matches_max)
    : sources_(sources),
      project_(request.path_params.at(0)),
      options_(OptionsOf(request)),
      words_(query::WordsOf(expression)),
      matches_max_(matches_max) {}

Result<void> TextMatches::ReadSpans(const std::vector<query::SpanHit>& spans) {
  if (!is_wanted() || spans.empty()) return {};
  std::vector<store::CallPosition> positions;
  for (const query::SpanHit& span : spans)
    positions.push_back({{span.trace_id, span.span_id}, span.start_unix_ns, span.duration_ns});
  return Read(positions, {});
}

Result<void> TextMatches::ReadTraces(const std::vector<TraceId>& traces) {
  if (!is_wanted() || traces.empty()) return {};
  ASSIGN_OR_RETURN(const std::vector<store::CallPosition> positions,
                   query::SpansWithWords(sources_.clickhouse, {project_, words_, traces, kSpansOfTrace}, options_));
  std::multimap<TraceId, std::string> ids_of;
  for (const TraceId& trace : traces) ids_of.emplace(trace, trace.ToHex());
  return Read(positions, ids_of);
}

Result<void> TextMatches::ReadPeople(query::ListOf list, const std::vector<std::string>& ids) {
  if (!is_wanted() || ids.empty()) return {};
  ASSIGN_OR_RETURN(const auto pairs, query::TracesOfPeople(sources_.clickhouse, project_, list, ids, options_));
  if (pairs.empty()) return {};
  const std::multimap<TraceId, std::string> ids_of(pairs.begin(), pairs.end());
  std::vector<TraceId> traces;
  for (const auto& [trace, id] : ids_of)
    if (traces.empty() || traces.back() != trace) traces.push_back(trace);
  ASSIGN_OR_RETURN(const std::vector<store::CallPosition> positions,
                   query::SpansWithWords(sources_.clickhouse, {project_, words_, traces, 1}, options_));
  return Read(positions, ids_of);
}

Result<void> TextMatches::Read(const std::vector<store::CallPosition>& positions,
                               const std::multimap<TraceId, std::string>& ids_of) {
  const auto take = [&](const model::SpanBatch& batch) {
    const model::Span& span = batch.spans.front();
    const model::Resource& resource = batch.resource_of(span);
    const model::Scope& scope = batch.scope_of(span);
    const json::object whole = model::ToSpanJson(span, resource, scope, semconv::Normalize(span, resource, scope));
    std::vector<PlacedMatch> found = FindPlaces(whole, words_, matches_max_);
    for (PlacedMatch& match : found) {
      match.trace_id = span.trace_id;
      match.span_id = span.span_id;
      match.span_name = span.name;
    }
    const auto add = [&](const std::string& id) {
      std::vector<PlacedMatch>& matches = matches_of_[id];
      matches.insert(matches.end(), found.begin(), found.end());
      std::ranges::stable_sort(matches, IsBetter);
      if (matches.size() > matches_max_) matches.resize(matches_max_);
    };
    if (ids_of.empty()) return add(span.trace_id.ToHex() + span.span_id.ToHex());
    const auto [begin, end] = ids_of.equal_range(span.trace_id);
    for (auto at = begin; at != end; ++at) add(at->second);
  };
  std::size_t page = kPageSpans;
  for (std::span<const store::CallPosition> rest = positions; !rest.empty();) {
    const auto some = rest.first(std::min(page, rest.size()));
    store::QueryOptions options = options_;
    if (some.size() > 1) options.result_bytes_max = kPageBytesMax;
    const Result<void> read = store::ReadCalls(sources_.clickhouse, project_, some, options, take);
    if (!read && read.error().code == ErrorCode::kResourceExhausted && some.size() > 1) {
      page = some.size() / 2;
      continue;
    }
    RETURN_IF_ERROR(read);
    rest = rest.subspan(some.size());
    page = std::min(2 * page, kPageSpans);
  }
  return {};
}

void TextMatches::AddTo(json::object& row, const std::string& id) const {
  if (!is_wanted()) return;
  json::array list;
  if (const auto found = matches_of_.find(id); found != matches_of_.end())
    for (const PlacedMatch& match : found->second) list.push_back(ToJsonValue(match));
  row["matches"] = std::move(list);
}

}  // namespace nightjar::server
