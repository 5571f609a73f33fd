// For the fuzzers: spans that were taken come back from the OTLP/JSON that is made of them.
#pragma once

#include <cstddef>
#include <string>

#include "base/check.h"
#include "otlp/decode_traces.h"
#include "otlp/encode_traces_json.h"

namespace nightjar::otlp::internal {

inline std::string TracesJson(const model::SpanBatch& batch) {
  return R"({"resourceSpans":[)" + ResourceSpansJson(batch) + "]}";
}

// Resources and scopes are compared by what they say: there may be fewer of them, or more.
inline void CheckSpansAreEqual(const model::SpanBatch& one, const model::SpanBatch& other) {
  CHECK(one.spans.size() == other.spans.size());
  for (std::size_t i = 0; i < one.spans.size(); ++i) {
    CHECK(one.resource_of(one.spans[i]) == other.resource_of(other.spans[i]));
    CHECK(one.scope_of(one.spans[i]) == other.scope_of(other.spans[i]));
    model::Span moved = other.spans[i];
    moved.resource = one.spans[i].resource;
    moved.scope = one.spans[i].scope;
    CHECK(one.spans[i] == moved);
  }
}

inline void CheckComesBack(const model::SpanBatch& batch) {
  const std::string json = TracesJson(batch);
  const Result<DecodedTraces> again = DecodeTracesJson(json);
  CHECK(again.has_value());
  CHECK(again->rejected_spans == 0 && again->mended_strings == 0);
  CHECK(TracesJson(again->batch) == json);
  // No NaN equals another.
  if (!json.contains(R"("NaN")")) CheckSpansAreEqual(batch, again->batch);
}

}  // namespace nightjar::otlp::internal
