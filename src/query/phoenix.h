// Phoenix's filter expressions, a subset of Python's, as the same tree that Nightjar's own language makes:
//     span_kind == 'LLM' and 'refund' in input.value and not latency_ms < 1000
// Reference: docs/guide/phoenix_filters.md.
//
// Three-valued like SQL: what is compared with something unknown is neither true nor false, and neither is its
// negation, so each condition becomes two: when it is true, and when it is false.
#pragma once

#include <string_view>

#include "query/field.h"
#include "query/parse.h"

namespace nightjar::query {

// Never fails and never throws: any bytes are an expression with mistakes, of which the first is told. An empty text
// selects all. The limits are those of Parse.
ParsedQuery ParsePhoenix(std::string_view text, Grain grain);

}  // namespace nightjar::query
