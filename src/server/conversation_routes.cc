#include "server/conversation_routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "pricing/span_cost.h"
#include "semconv/conversation.h"
#include "semconv/normalize.h"
#include "server/agent_instructions.h"
#include "server/errors.h"
#include "server/query_params.h"
#include "store/conversation_index.h"
#include "store/id_columns.h"
#include "store/log_reader.h"
#include "store/span_reader.h"

namespace nightjar::server {
namespace {

// Of one conversation at most so much is read, the earliest.
constexpr std::size_t kCallsMax = 10'000;
constexpr std::size_t kTracesMax = 500;
// Read at once; fewer when they or their bodies are large.
constexpr std::size_t kPageCalls = 200;
constexpr std::uint64_t kPageBytesMax = 16 << 20;

semconv::PromptRates RatesOf(const std::optional<pricing::Priced>& priced) {
  semconv::PromptRates rates;
  if (!priced || !priced->cost) return rates;
  for (const model::CostLine& line : priced->cost->lines) {
    if (line.what == "input") rates.input = line.usd_per_million;
    if (line.what == "cache_read") rates.cache_read = line.usd_per_million;
  }
  return rates;
}

class CallReader {
 public:
  using Take = std::function<void(const model::Span& span, const model::LlmView& view, const semconv::PromptRates&)>;

  CallReader(const ApiSources& sources, const Request& request)
      : clickhouse_(sources.clickhouse),
        options_(OptionsOf(request)),
        project_(request.path_params.at(0)),
        prices_(sources.prices.Now()) {}

  // The calls of these traces, trace by trace, each trace in the order of time.
  Result<void> Read(const std::vector<TraceId>& traces, const Take& take) {
    ASSIGN_OR_RETURN(std::vector<store::CallPosition> calls,
                     store::ReadLlmSpans(clickhouse_, project_, traces, options_));
    complete_ = calls.size() <= kCallsMax;
    calls.resize(std::min(calls.size(), kCallsMax));
    ASSIGN_OR_RETURN(instructions_, AgentInstructions::Read(clickhouse_, project_, traces, options_));
    std::size_t page = kPageCalls;
    for (std::span<const store::CallPosition> rest = calls; !rest.empty();) {
      const auto some = rest.first(std::min(page, rest.size()));
      const Result<void> read = ReadPage(some, take);
      if (!read && read.error().code == ErrorCode::kResourceExhausted && some.size() > 1) {
        page = some.size() / 2;
        continue;
      }
      RETURN_IF_ERROR(read);
      rest = rest.subspan(some.size());
      page = std::min(2 * page, kPageCalls);
    }
    return {};
  }
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  Result<void> ReadPage(std::span<const store::CallPosition> calls, const Take& take) {
    store::QueryOptions options = options_;
    if (calls.size() > 1) options.result_bytes_max = kPageBytesMax;
    std::set<store::SpanAddress> addresses;
    for (const store::CallPosition& call : calls) addresses.insert(call.address);
    ASSIGN_OR_RETURN(const store::TraceLogs logs,
                     store::LogReader(clickhouse_, options).ReadSpans(project_, addresses));
    RETURN_IF_ERROR(store::ReadCalls(clickhouse_, project_, calls, options, [&](const model::SpanBatch& batch) {
      TakeCall(batch, batch.spans.front(), logs.batch, take);
    }));
    complete_ = complete_ && logs.complete;
    return {};
  }

  void TakeCall(const model::SpanBatch& batch, const model::Span& span, const model::LogBatch& logs, const Take& take) {
    const std::span<const model::LogRecord> records = std::ranges::equal_range(
        logs.records, std::pair(span.trace_id, span.span_id), {},
        [](const model::LogRecord& record) { return std::pair(record.trace_id, record.span_id); });
    model::LlmView view = semconv::Normalize(span, batch.resource_of(span), batch.scope_of(span), records);
    instructions_.Join(span, view);
    if (view.llm) take(span, view, RatesOf(pricing::PriceOfSpan(*prices_, span, view)));
  }

  store::ClickHouse& clickhouse_;
  const store::QueryOptions options_;
  const std::string& project_;
  const std::shared_ptr<const pricing::PriceBook> prices_;
  AgentInstructions instructions_;
  bool complete_ = true;
};

json::value BreakJson(const semconv::ConversationCall& call) {
  using Break = semconv::ConversationCall::Break;
  switch (call.cache_break) {
    case Break::kNone: return nullptr;
    case Break::kModel: return {{"at", "model"}, {"message", nullptr}};
    case Break::kTools: return {{"at", "tools"}, {"message", nullptr}};
    case Break::kSystem: return {{"at", "system"}, {"message", call.break_index}};
    case Break::kMessage: return {{"at", "message"}, {"message", call.break_index}};
  }
  return nullptr;
}

json::object CallJson(const semconv::Conversation& conversation, const semconv::ConversationCall& call) {
  json::object out{{"trace_id", call.trace_id.ToHex()},
                   {"span_id", call.span_id.ToHex()},
                   {"start_unix_ns", std::to_string(call.start_unix_ns)},
                   {"model", call.model.empty() ? json::value() : json::value(call.model)},
                   {"thread", call.thread},
                   {"messages", call.message_count},
                   {"characters", call.characters},
                   {"tokens",
                    {{"prompt", NumberOrNull(call.prompt_tokens)},
                     {"cache_read", NumberOrNull(call.cache_read_tokens)},
                     {"cache_write", NumberOrNull(call.cache_write_tokens)}}}};
  out["previous"] = nullptr;
  out["shared_prefix"] = nullptr;
  if (call.previous) {
    const semconv::ConversationCall& previous = conversation.calls[*call.previous];
    out["previous"] = {{"trace_id", previous.trace_id.ToHex()}, {"span_id", previous.span_id.ToHex()}};
    std::optional<std::int64_t> tokens;
    if (call.prompt_tokens && call.characters != 0)
      tokens = std::llround(static_cast<double>(*call.prompt_tokens) * static_cast<double>(call.shared_characters) /
                            static_cast<double>(call.characters));
    out["shared_prefix"] = {{"messages", call.shared_messages},
                            {"characters", call.shared_characters},
                            {"estimated_tokens", NumberOrNull(tokens)}};
  }
  out["cache_break"] = BreakJson(call);
  json::array messages;
  for (const semconv::ConversationCall::NewMessage& message : call.new_messages)
    messages.push_back({{"index", message.index},
                        {"role", message.role},
                        {"characters", message.characters},
                        {"was_output", message.was_output}});
  out["new_messages"] = std::move(messages);
  out["new_message_count"] = call.new_message_count;
  return out;
}

template <typename T>
void AddKnown(const std::optional<T>& more, std::optional<T>& sum) {
  if (more) sum = sum.value_or(T{}) + *more;
}

void Add(const semconv::ToolCost& more, semconv::ToolCost& sum) {
  sum.results += more.results;
  sum.characters += more.characters;
  sum.carried += more.carried;
  AddKnown(more.measured_tokens, sum.measured_tokens);
  AddKnown(more.estimated_tokens, sum.estimated_tokens);
  sum.uncounted += more.uncounted;
  AddKnown(more.cost_usd, sum.cost_usd);
  sum.unpriced_tokens += more.unpriced_tokens;
}

json::object ToolJson(const std::string& name, const semconv::ToolCost& tool) {
  return {{"name", name.empty() ? json::value() : json::value(name)},
          {"results", tool.results},
          {"characters", tool.characters},
          {"carried", tool.carried},
          {"measured_tokens", NumberOrNull(tool.measured_tokens)},
          {"estimated_tokens", NumberOrNull(tool.estimated_tokens)},
          {"uncounted", tool.uncounted},
          {"cost_usd", NumberOrNull(tool.cost_usd)},
          {"unpriced_tokens", tool.unpriced_tokens}};
}

Result<Response> Conversation(const ApiSources& sources, const Request& request, const std::vector<TraceId>& traces,
                              bool complete) {
  CallReader reader(sources, request);
  semconv::ConversationBuilder builder;
  RETURN_IF_ERROR(
      reader.Read(traces, [&](const model::Span& span, const model::LlmView& view, const semconv::PromptRates& rates) {
        builder.Add(span.trace_id, span.span_id, span.start_unix_ns, view, rates);
      }));
  const semconv::Conversation conversation = std::move(builder).Build();
  json::array calls;
  for (const semconv::ConversationCall& call : conversation.calls) calls.push_back(CallJson(conversation, call));
  json::array tools;
  for (const auto& [name, tool] : conversation.tools) tools.push_back(ToolJson(name, tool));
  return JsonResponse(
      ToJson({{"calls", std::move(calls)}, {"tools", std::move(tools)}, {"complete", complete && reader.complete()}}));
}

Result<Response> OfTrace(const ApiSources& sources, const Request& request) {
  ASSIGN_OR_RETURN(const TraceId trace_id, ParseTraceId(request.path_params.at(1)));
  RETURN_IF_ERROR(sources.wait_until_stored(trace_id));
  const std::string& project = request.path_params.at(0);
  ASSIGN_OR_RETURN(const store::TraceIndex index,
                   store::SpanReader(sources.clickhouse, OptionsOf(request)).IndexTrace(project, trace_id));
  if (index.spans.empty())
    return Fail(ErrorCode::kNotFound, fmt::format("no trace {} in project \"{}\"", trace_id.ToHex(), project));
  return Conversation(sources, request, {trace_id}, true);
}

Result<Response> OfSession(const ApiSources& sources, const Request& request) {
  const std::string& project = request.path_params.at(0);
  const std::string& session = request.path_params.at(1);
  const std::uint64_t pending = sources.wait_for_lists();
  ASSIGN_OR_RETURN(std::vector<TraceId> traces, store::ReadTracesOfSession(sources.clickhouse, project, session,
                                                                           kTracesMax + 1, OptionsOf(request)));
  if (traces.empty() && pending > 0)
    return Fail(ErrorCode::kUnavailable, fmt::format("no session \"{}\" yet: {} requests wait", session, pending));
  if (traces.empty())
    return Fail(ErrorCode::kNotFound, fmt::format("no session \"{}\" in project \"{}\"", session, project));
  const bool complete = traces.size() <= kTracesMax && pending == 0;
  if (traces.size() > kTracesMax) traces.resize(kTracesMax);
  return Conversation(sources, request, traces, complete);
}

}  // namespace

Result<ToolCosts> ReadToolCosts(const ApiSources& sources, const Request& request, UnixNanos from, UnixNanos to) {
  ASSIGN_OR_RETURN(std::vector<TraceId> traces,
                   store::ReadTracesWithCalls(sources.clickhouse, request.path_params.at(0), {from, to},
                                              kToolTracesMax + 1, OptionsOf(request)));
  ToolCosts costs{.complete = traces.size() <= kToolTracesMax};
  if (!costs.complete) traces.resize(kToolTracesMax);
  costs.traces = traces.size();
  CallReader reader(sources, request);
  TraceId trace;  // that `builder` has
  std::optional<semconv::ConversationBuilder> builder;
  const auto add_trace = [&] {
    if (!builder) return;
    for (const auto& [name, cost] : std::move(*builder).Build().tools) Add(cost, costs.tools[name]);
    builder.reset();
  };
  RETURN_IF_ERROR(
      reader.Read(traces, [&](const model::Span& span, const model::LlmView& view, const semconv::PromptRates& rates) {
        if (trace != span.trace_id) add_trace();
        if (!builder) builder.emplace();
        trace = span.trace_id;
        builder->Add(span.trace_id, span.span_id, span.start_unix_ns, view, rates);
      }));
  add_trace();
  costs.complete = costs.complete && reader.complete();
  return costs;
}

void AddConversationRoutes(const ApiSources& sources, Router& router) {
  const auto get = [&](std::string_view pattern, Result<Response> (*answer)(const ApiSources&, const Request&)) {
    router.Add("GET", pattern, RunOn::kReader, [sources, answer](const Request& request, const Respond& respond) {
      const Result<Response> response = answer(sources, request);
      respond(response ? *response : ErrorResponse(response.error()));
    });
  };
  get("/api/v1/projects/{project}/traces/{trace_id}/conversation", OfTrace);
  get("/api/v1/projects/{project}/sessions/{session_id}/conversation", OfSession);
}

}  // namespace nightjar::server
