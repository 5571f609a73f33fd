// GenAI messages that are sent as events or log records instead of attributes: the conventions' form before 1.37, still
// the default of many libraries, and the one event that carries the newer attributes.
#pragma once

#include <span>
#include <vector>

#include "semconv/internal/facts.h"
#include "semconv/internal/span_events.h"

namespace nightjar::semconv::internal {

// The input messages, output messages or system instructions that the events tell; null when they tell none.
json::value MessagesOfEvents(std::span<const EventFields> events, Field field);

// The same of a list of events as one value, for kInputMessages or kOutputMessages:
// [{"event.name": "gen_ai.user.message", "content": …}, …, {"event.name": "gen_ai.choice", "message": {…}}]
// Where the list has no choices, what the assistant said last is the answer.
json::value MessagesOfEventList(const json::value& events, Field field);

// Of one text with a line "role: what was said" for each message; a line that names no role goes on with the message
// before it. Null when the text does not begin with a role.
json::value MessagesOfLines(const json::value& prompt);

// gen_ai.evaluation.result; what both the span and a log record tell is there once.
// Of a tool's span, as Strands tells it: the arguments (Field::kToolArguments) or the result, as text.
json::value ToolOfEvents(std::span<const EventFields> events, Field field);

std::vector<model::Evaluation> ReadEvaluations(const SpanEvents& events);

}  // namespace nightjar::semconv::internal
