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

// gen_ai.evaluation.result; what both the span and a log record tell is there once.
std::vector<model::Evaluation> ReadEvaluations(const SpanEvents& events);

}  // namespace nightjar::semconv::internal
