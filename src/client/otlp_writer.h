// model → OTLP bytes. Only clients need this direction; the server has none.
#pragma once

#include <string>

#include "model/span.h"

namespace nightjar::client {

// An ExportTraceServiceRequest with one ResourceSpans for each resource and in it one ScopeSpans for each scope that
// has spans there. Links, and counts of what was dropped, are left out.
std::string WriteOtlp(const model::SpanBatch& batch);

}  // namespace nightjar::client
