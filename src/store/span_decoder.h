// Rows of nightjar.spans, with the bodies they refer to, as the spans that were sent.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/span.h"
#include "store/native_reader.h"

namespace nightjar::store {

// What a span is read from. A SELECT may ask for more.
inline constexpr const char* kSpanColumns =
    "project, trace_id, span_id, parent_span_id, start_unix_ns, duration_ns, name, otel_kind, status, status_message, "
    "trace_state, flags, resource, scope, attrs_str, attrs_int, attrs_num, attrs_other, events, links, "
    "segment_scope, segments, dropped_attributes, dropped_events, dropped_links";

// In the order of the rows. `segment_bytes`: of SelectBodies. kDataLoss: a row cannot be read, or lacks
// a body.
Result<model::SpanBatch> DecodeSpans(const std::vector<NativeBlock>& spans, std::string_view segment_bytes);

// Where a row stands in the answer of the engine.
struct RowPlace {
  std::size_t block = 0;
  std::size_t row = 0;
};

// These rows, one after the other: of spans that share their long values only one lies in memory whole. `take` gets a
// batch of one span.
Result<void> DecodeEach(const std::vector<NativeBlock>& spans, std::string_view segment_bytes,
                        const std::vector<RowPlace>& rows, const std::function<void(const model::SpanBatch&)>& take);

}  // namespace nightjar::store
