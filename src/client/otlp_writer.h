// model → OTLP bytes. Only clients need this direction; the server has none.
#pragma once

#include <string>

#include "model/span.h"

namespace nightjar::client {

// An ExportTraceServiceRequest with one ResourceSpans for each resource and in it one ScopeSpans for each scope that
// has spans there. Events and links are left out: no data set has any.
std::string WriteOtlp(const model::SpanBatch& batch);

}  // namespace nightjar::client
