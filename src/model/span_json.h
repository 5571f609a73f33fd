// A span as the HTTP API shows it: the whole record, and beside it what semconv read out of it. Every key is always
// there; unknown is null, never 0 or "". 64-bit times are decimal strings, durations numbers.
#pragma once

#include <optional>

#include "base/json.h"
#include "model/cost.h"
#include "model/llm_view.h"
#include "model/span.h"

namespace nightjar::model {

// `annotations` are the evaluations that came with the span. `logs` and `sampling` are not part of a span: they come as
// [] and as weight 1, and the server fills them in.
//
// What a provider or library sent as JSON text is embedded as JSON where it is an object or a list and describes
// something (metadata, parameters, template variables). Arguments and results of calls stay the text that was sent,
// because a model's text need not be JSON.
json::object ToSpanJson(const Span& span, const Resource& resource, const Scope& scope, const LlmView& view);

// The span's `cost`: by the computed one; without it, the amounts that the client reported; null without both.
json::value CostToJson(const std::optional<Cost>& computed, const std::optional<ReportedCost>& reported);

// resource, resource_dropped_attributes, resource_schema_url and scope, as spans, log records and series have them.
void AddOrigin(const Resource& resource, const Scope& scope, json::object& out);

}  // namespace nightjar::model
