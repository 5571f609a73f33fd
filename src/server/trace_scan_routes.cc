#include "server/trace_scan_routes.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"
#include "semconv/normalize.h"
#include "server/errors.h"
#include "server/query_params.h"
#include "store/span_choice.h"

namespace nightjar::server {
namespace {

constexpr LimitRange kEventLimit = {.if_absent = kEventsMax, .max = kEventsMax};
constexpr std::size_t kMessageCharactersMax = 300;
// Read at once; fewer when they are large.
constexpr std::size_t kPageSpans = 200;
constexpr std::uint64_t kPageBytesMax = 16 << 20;

struct Subject {
  std::string project;
  TraceId trace_id;
};

Result<Subject> SubjectOf(const ApiSources& sources, const Request& request) {
  Subject subject{.project = request.path_params.at(0), .trace_id = {}};
  ASSIGN_OR_RETURN(subject.trace_id, ParseTraceId(request.path_params.at(1)));
  RETURN_IF_ERROR(sources.wait_until_stored(subject.trace_id));
  return subject;
}

// Takes spans until `take` returns false.
using Take = std::function<bool(const model::SpanBatch& batch)>;

Result<void> ReadEach(const ApiSources& sources, const Request& request, const std::string& project,
                      std::span<const store::CallPosition> spans, const Take& take) {
  std::size_t page = kPageSpans;
  bool goes_on = true;
  while (goes_on && !spans.empty()) {
    const auto some = spans.first(std::min(page, spans.size()));
    store::QueryOptions options = OptionsOf(request);
    if (some.size() > 1) options.result_bytes_max = kPageBytesMax;
    const Result<void> read =
        store::ReadCalls(sources.clickhouse, project, some, options,
                         [&](const model::SpanBatch& batch) { goes_on = goes_on && take(batch); });
    if (!read && read.error().code == ErrorCode::kResourceExhausted && some.size() > 1) {
      page = some.size() / 2;
      continue;
    }
    RETURN_IF_ERROR(read);
    spans = spans.subspan(some.size());
    page = std::min(2 * page, kPageSpans);
  }
  return {};
}

struct EventRow {
  UnixNanos at = 0;  // inside its span
  SpanId span_id;
  std::size_t position = 0;  // in its span
  UnixNanos time_unix_ns = 0;
  std::string name;
  std::string message;
};

bool IsBefore(const EventRow& a, const EventRow& b) {
  return std::tuple(a.at, a.span_id, a.position) < std::tuple(b.at, b.span_id, b.position);
}

std::string MessageOf(const model::Event& event) {
  for (const model::Attribute& attribute : event.attributes)
    if (attribute.key == "exception.message")
      if (const auto* text = attribute.value.As<std::string>())
        return std::string(Utf8Prefix(*text, kMessageCharactersMax));
  return {};
}

// The earliest `rows_max` events, in order.
class EarliestEvents {
 public:
  EarliestEvents(UnixNanos from, UnixNanos to, std::size_t rows_max) : from_(from), to_(to), rows_max_(rows_max) {}

  // False when no span that starts later has one of them.
  bool Add(const model::Span& span) {
    if (rows_.size() >= rows_max_ && span.start_unix_ns > std::ranges::max_element(rows_, IsBefore)->at) return false;
    const UnixNanos end = std::max(span.start_unix_ns, span.end_unix_ns);
    for (std::size_t i = 0; i < span.events.size(); ++i) {
      const model::Event& event = span.events[i];
      const UnixNanos at = std::clamp(event.time_unix_ns, span.start_unix_ns, end);
      if (at >= from_ && at < to_)
        rows_.push_back({at, span.span_id, i, event.time_unix_ns, event.name, MessageOf(event)});
    }
    if (rows_.size() > 2 * rows_max_) Trim();
    return true;
  }

  std::vector<EventRow> Take() {
    Trim();
    return std::move(rows_);
  }

 private:
  void Trim() {
    std::ranges::sort(rows_, IsBefore);
    rows_.resize(std::min(rows_.size(), rows_max_));
  }

  const UnixNanos from_, to_;
  const std::size_t rows_max_;
  std::vector<EventRow> rows_;
};

Result<Response> Events(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const std::size_t limit, ParseLimit(request.query_param("limit"), kEventLimit));
  ASSIGN_OR_RETURN(const std::size_t offset, ParseOffset(request.query_param("offset")));
  if (offset > kEventsOffsetMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("offset {} is over {}: ask for a shorter time", offset, kEventsOffsetMax));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> from, ParseTime("from", request.query_param("from")));
  ASSIGN_OR_RETURN(const std::optional<UnixNanos> to, ParseTime("to", request.query_param("to")));
  ASSIGN_OR_RETURN(const Subject subject, SubjectOf(sources, request));
  store::SpanChoice choice{.with_events = true};
  if (from) choice.from = *from;
  if (to) choice.to = *to;
  ASSIGN_OR_RETURN(
      const std::vector<store::CallPosition> spans,
      store::ChooseSpans(sources.clickhouse, subject.project, subject.trace_id, choice, OptionsOf(request)));
  EarliestEvents earliest(choice.from, choice.to, offset + limit + 1);
  RETURN_IF_ERROR(ReadEach(sources, request, subject.project, spans,
                           [&](const model::SpanBatch& batch) { return earliest.Add(batch.spans.front()); }));
  const std::vector<EventRow> rows = earliest.Take();
  json::array data;
  for (std::size_t i = offset; i < std::min(rows.size(), offset + limit); ++i)
    data.push_back({{"span_id", rows[i].span_id.ToHex()},
                    {"time_unix_ns", std::to_string(rows[i].time_unix_ns)},
                    {"name", rows[i].name},
                    {"message", TextOrNull(rows[i].message)}});
  return JsonResponse(ToJson({{"data", std::move(data)}, {"complete", rows.size() <= offset + limit}}));
}

// Spans by what they did, each group in the order of time.
class Groups {
 public:
  void Add(std::string what, const SpanId& span_id) {
    const auto [at, is_new] = number_of_.try_emplace(std::move(what), groups_.size());
    if (is_new) groups_.emplace_back();
    groups_[at->second].push_back(span_id);
  }

  // Those with several spans.
  [[nodiscard]] json::array Repeated() const {
    json::array out;
    for (const std::vector<SpanId>& group : groups_) {
      if (group.size() < 2) continue;
      json::array ids;
      for (const SpanId& id : group) ids.push_back(json::value(id.ToHex()));
      out.push_back(std::move(ids));
    }
    return out;
  }

 private:
  std::unordered_map<std::string, std::size_t> number_of_;  // by hash
  std::vector<std::vector<SpanId>> groups_;
};

// The texts one after the other, such that no two lists are the same bytes, as SHA-256.
std::string HashOf(const std::vector<std::string_view>& texts) {
  std::string bytes;
  for (const std::string_view text : texts) bytes += fmt::format("{}:{}", text.size(), text);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return {digest, digest + size};
}

// In any order: a retrieval that ranks them otherwise returned the same.
std::string HashOfDocuments(const std::vector<model::Document>& documents) {
  std::vector<std::string_view> ids;
  for (const model::Document& document : documents) ids.push_back(document.id.empty() ? document.content : document.id);
  std::ranges::sort(ids);
  return HashOf(ids);
}

Result<Response> Repeated(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const Subject subject, SubjectOf(sources, request));
  const store::SpanChoice choice{.kinds = {"TOOL", "RETRIEVER"}};
  ASSIGN_OR_RETURN(
      const std::vector<store::CallPosition> spans,
      store::ChooseSpans(sources.clickhouse, subject.project, subject.trace_id, choice, OptionsOf(request)));
  Groups tool_calls, retrievals;
  RETURN_IF_ERROR(ReadEach(sources, request, subject.project, spans, [&](const model::SpanBatch& batch) {
    const model::Span& span = batch.spans.front();
    const model::LlmView view = semconv::Normalize(span, batch.resource_of(span), batch.scope_of(span));
    const std::string& tool = view.tool && !view.tool->name.empty() ? view.tool->name : span.name;
    if (view.kind == model::ObservationKind::kTool && view.input)
      tool_calls.Add(HashOf({tool, view.input->value}), span.span_id);
    if (view.retrieval && !view.retrieval->documents.empty())
      retrievals.Add(HashOfDocuments(view.retrieval->documents), span.span_id);
    return true;
  }));
  return JsonResponse(ToJson({{"tool_calls", tool_calls.Repeated()}, {"retrievals", retrievals.Repeated()}}));
}

}  // namespace

void AddTraceScanRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view part, Result<Response> (*answer)(const ApiSources&, const Request&)) {
    router.Add("GET", fmt::format("/api/v1/projects/{{project}}/traces/{{trace_id}}/{}", part), RunOn::kReader,
               [sources, answer](const Request& request, const Respond& respond) {
                 const Result<Response> response = answer(sources, request);
                 respond(response ? *response : ErrorResponse(response.error()));
               });
  };
  get("events", Events);
  get("repeated", Repeated);
}

}  // namespace nightjar::server
