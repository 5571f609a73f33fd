// model → OTLP/JSON (opentelemetry-proto, "JSON Protobuf Encoding"): ids as hex, 64-bit integers as texts, enums as
// numbers, bytes as base64, NaN and infinities as words.
#pragma once

#include <string>

#include "model/span.h"

namespace nightjar::otlp {

// The elements of `resourceSpans` for these spans, with commas between them; one for each run of spans that share a
// resource and a scope.
std::string ResourceSpansJson(const model::SpanBatch& batch);

}  // namespace nightjar::otlp
