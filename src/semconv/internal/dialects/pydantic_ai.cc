// Pydantic AI: what it adds to gen_ai.* on the spans of runs, and its first instrumentation, whose messages are a list
// of events as JSON text.
#include "semconv/internal/genai_events.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {
    "pydantic_ai",    "all_messages_events", "model_request_parameters", "gen_ai.aggregated_usage", "final_result",
    "tool_arguments", "tool_response"};

constexpr KindWord kKinds[] = {{"invoke_agent", ObservationKind::kAgent}};

constexpr Rule kRules[] = {
    {Field::kKind, "gen_ai.operation.name"},
    {Field::kAgentRun, "pydantic_ai.all_messages"},
    {Field::kAgentRun, "all_messages_events"},
    {Field::kAgentRun, "final_result"},
    {Field::kAgentRun, "agent_name"},
    {Field::kAgentRun, "gen_ai.aggregated_usage"},
    {Field::kInputMessages, "gen_ai.input.messages"},
    {Field::kInputMessages, "pydantic_ai.all_messages"},
    {Field::kOutput, "final_result"},
    {Field::kAgentName, "gen_ai.agent.name"},
    {Field::kAgentName, "agent_name"},
    {Field::kMetadata, "metadata"},
    {Field::kToolArguments, "tool_arguments"},
    {Field::kToolResult, "tool_response"},
    {Field::kInput, "tool_arguments"},
    {Field::kOutput, "tool_response"},
    {Field::kTools, "gen_ai.tool.definitions"},
    {Field::kTools, "model_request_parameters", "function_tools"},
    {Field::kTags, "logfire.tags"},

    // Of a run: the sum of its calls.
    {Field::kTokensPrompt, "gen_ai.aggregated_usage.input_tokens"},
    {Field::kTokensCompletion, "gen_ai.aggregated_usage.output_tokens"},
    {Field::kTokensCacheRead, "gen_ai.aggregated_usage.cache_read.input_tokens"},
    {Field::kTokensCacheRead, "gen_ai.aggregated_usage.details.cache_read_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.aggregated_usage.cache_creation.input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.aggregated_usage.details.cache_write_tokens"},
    {Field::kTokensReasoning, "gen_ai.aggregated_usage.details.reasoning_tokens"},
};

constexpr std::string_view kDerivedFrom[] = {"events", "all_messages_events"};

json::value Derive(Field field, Facts& facts) {
  if (field != Field::kInputMessages && field != Field::kOutputMessages) return nullptr;
  json::value events = Parsed(facts.Read("events"));
  if (events.is_null()) events = Parsed(facts.Read("all_messages_events"));
  return MessagesOfEventList(events, field);
}

}  // namespace

const Dialect kPydanticAi = {
    .name = "pydantic_ai",
    .token_rule = "gen_ai.aggregated_usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
