// Pydantic AI: what it adds to gen_ai.* on the spans of runs, and its first instrumentation, whose messages are a list
// of events as JSON text.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"pydantic_ai", "all_messages_events", "model_request_parameters",
                                         "gen_ai.aggregated_usage", "final_result"};

constexpr KindWord kKinds[] = {{"invoke_agent", ObservationKind::kAgent}};

constexpr Rule kRules[] = {
    {Field::kKind, "gen_ai.operation.name"},
    {Field::kInputMessages, "gen_ai.input.messages"},
    {Field::kInputMessages, "pydantic_ai.all_messages"},
    {Field::kOutput, "final_result"},
    {Field::kAgentName, "gen_ai.agent.name"},
    {Field::kAgentName, "agent_name"},
    {Field::kMetadata, "metadata"},
    {Field::kToolArguments, "tool_arguments"},
    {Field::kToolResult, "tool_response"},
    {Field::kTags, "logfire.tags"},
};

constexpr std::string_view kDerivedFrom[] = {"events", "all_messages_events"};

// [{"event.name": "gen_ai.user.message", "content": …}, …, {"event.name": "gen_ai.choice", "message": {…}}]
json::value MessagesOfEventList(const json::value& events, bool choices) {
  json::array messages;
  if (const json::array* list = events.if_array())
    for (const json::value& event : *list) {
      const bool is_choice = Text(Member(event, "event.name")) == "gen_ai.choice";
      if (is_choice == choices) messages.push_back(is_choice ? Member(event, "message") : event);
    }
  return messages.empty() ? json::value() : json::value(std::move(messages));
}

json::value Derive(Field field, Facts& facts) {
  if (field != Field::kInputMessages && field != Field::kOutputMessages) return nullptr;
  json::value events = Parsed(facts.Read("events"));
  if (events.is_null()) events = Parsed(facts.Read("all_messages_events"));
  return MessagesOfEventList(events, field == Field::kOutputMessages);
}

}  // namespace

const Dialect kPydanticAi = {
    .name = "pydantic_ai",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
