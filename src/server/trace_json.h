// Stored traces as the API's JSON text.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "model/span.h"
#include "store/trace_list.h"

namespace nightjar::server {

json::object ToJsonValue(const store::TraceSummary& trace);

// One whole span, understood by the newest rules.
std::string SpanText(const model::SpanBatch& batch, const model::Span& span);

// {"trace":{…},"spans":[…]}
std::string TraceText(const store::TraceSummary& trace, const model::SpanBatch& batch);

}  // namespace nightjar::server
