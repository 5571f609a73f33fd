// The bodies that ropes of spans refer to.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "store/clickhouse.h"
#include "store/native_reader.h"

namespace nightjar::store {

// Selects hash and body of every segment that these rows need, for DecodeSpans; nothing when they need none.
// kResourceExhausted: they have more than options.result_bytes_max. REQUIRES: the columns segment_scope and segments
Result<std::string> SelectBodies(ClickHouse& clickhouse, const std::vector<NativeBlock>& spans, QueryOptions options);

}  // namespace nightjar::store
