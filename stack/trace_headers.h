// The trace that goes on across processes: W3C Trace Context in HTTP headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nightjar/span.h"

namespace stack {

// The span that a traceparent header names (W3C Trace Context, 3.2); an invalid context when it is malformed.
[[nodiscard]] nightjar::SpanContext ParseTraceparent(std::string_view header);

// Adds the header that makes the receiver's spans children of this thread's innermost span, when there is one.
void AppendTraceHeaders(std::vector<std::string>& headers);

}  // namespace stack
