#include "server/agent_instructions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "semconv/normalize.h"
#include "store/instructed_calls.h"
#include "store/span_reader.h"

namespace nightjar::server {
namespace {

constexpr std::size_t kAgentsAtOnce = 20;  // their spans may hold long histories
constexpr std::string_view kAttribute = "gen_ai.system_instructions";

bool IsInstruction(const model::Message& message) { return message.role == "system" || message.role == "developer"; }

}  // namespace

Result<AgentInstructions> AgentInstructions::Read(store::ClickHouse& clickhouse, const std::string& project,
                                                  const std::vector<TraceId>& traces,
                                                  const store::QueryOptions& options) {
  AgentInstructions read;
  ASSIGN_OR_RETURN(read.agent_of_, store::ReadInstructedCalls(clickhouse, project, traces, options));
  std::set<store::SpanAddress> agents;
  for (const auto& [call, agent] : read.agent_of_) agents.insert(agent);
  while (!agents.empty()) {
    std::set<store::SpanAddress> some;
    while (!agents.empty() && some.size() < kAgentsAtOnce) some.insert(agents.extract(agents.begin()));
    ASSIGN_OR_RETURN(const model::SpanBatch batch, store::SpanReader(clickhouse, options).ReadSpans(project, some));
    for (const model::Span& span : batch.spans) {
      model::LlmView view = semconv::Normalize(span, batch.resource_of(span), batch.scope_of(span));
      if (view.llm && !view.llm->input_messages.empty() && IsInstruction(view.llm->input_messages.front()))
        read.told_.emplace(store::SpanAddress{span.trace_id, span.span_id}, view.llm->input_messages.front());
    }
  }
  return read;
}

Result<AgentInstructions> AgentInstructions::ReadFor(store::ClickHouse& clickhouse, const std::string& project,
                                                     const model::SpanBatch& trace,
                                                     const store::QueryOptions& options) {
  const bool any = std::ranges::any_of(trace.spans, [&](const model::Span& span) {
    return std::ranges::find(span.attributes, kAttribute, &model::Attribute::key) != span.attributes.end() &&
           semconv::Summarize(span, trace.resource_of(span), trace.scope_of(span)).kind ==
               model::ObservationKind::kAgent;
  });
  return any ? Read(clickhouse, project, {trace.spans.front().trace_id}, options) : AgentInstructions();
}

void AgentInstructions::Join(const model::Span& span, model::LlmView& view) const {
  const auto agent = agent_of_.find({span.trace_id, span.span_id});
  if (agent == agent_of_.end() || !view.llm || view.llm->input_messages.empty()) return;
  const auto told = told_.find(agent->second);
  std::vector<model::Message>& messages = view.llm->input_messages;
  if (told == told_.end() || std::ranges::any_of(messages, IsInstruction)) return;
  messages.insert(messages.begin(), told->second);
  const std::string id = agent->second.span_id.ToHex();
  view.origins["llm.input_messages.0"] = fmt::format("span {}: {}", id, kAttribute);
  view.notes.push_back(fmt::format("the first message is what agent {} was told, which the call does not repeat", id));
}

}  // namespace nightjar::server
