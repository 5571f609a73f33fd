// Newer SDKs of providers trace themselves, without messages, while an instrumentation traces the same call with them:
// two spans, one call, and not always one trace.
#pragma once

#include <span>
#include <vector>

#include "model/span.h"
#include "model/span_summary.h"

namespace nightjar::semconv {

// Takes tokens and cost out of the summaries of calls that say nothing of their messages, where another span of the
// batch tells the same call with messages: it has the same gen_ai.response.id; or, when one of them has none, the same
// provider and token counts at an overlapping time. Spans that end together mostly arrive together; repeats that
// arrive apart stay as they are.
// REQUIRES: summaries[i] is the summary of spans[i]
void CountOnce(std::span<const model::Span> spans, std::vector<model::SpanSummary>& summaries);

}  // namespace nightjar::semconv
