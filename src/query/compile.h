// A query as SQL over nightjar.spans. What comes from the query is bound as a parameter, never part of the text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "query/expression.h"
#include "store/clickhouse.h"

namespace nightjar::query {

// The spans that are asked about.
struct Window {
  std::string project;
  std::optional<UnixNanos> from;  // starts of spans, inclusive
  std::optional<UnixNanos> to;    // exclusive
  UnixNanos now = 0;              // what last: counts back from
  std::vector<TraceId> traces;    // only spans of these, if there are any
};

// Spans of one trace are looked for so far outside of the window.
constexpr UnixNanos kTraceSpreadNs = 86'400'000'000'000;

struct Condition {
  std::string sql;  // true or false for a row of nightjar.spans FINAL
  std::vector<store::QueryParam> params;
  std::string settings;  // for the end of the statement; mostly none
};

// "WITH … AS is_call ", for the front of a SELECT from nightjar.spans over spans in or near the window: whether a span
// made a provider call that no other span tells (store/repeated_calls.h). The statement ends with
// store::kRepeatsSettings.
std::string WithIsCall(const Window& window);

// What the expression says at that grain: of the span; of the span's trace; of the session whose id the span itself
// carries. The window is part of the condition: at kSpan its spans, else those around it too, so that whole traces are
// seen.
//
// A comparison with a value that is not known is false, and its negation true.
Condition Compile(const Expression& expression, Grain grain, const Window& window);

}  // namespace nightjar::query
