// The traces that a check sends: random by seed, so that what must come back is known without remembering it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/span.h"

namespace nightjar::selfcheck {

struct SeededTraces {
  std::vector<model::SpanBatch> traces;  // one trace each; the root span first
  std::vector<std::string> marks;        // of each trace: a word in its long texts and its attribute check.mark only
  // The same spans as requests: a trace's spans are spread over two of them.
  std::vector<model::SpanBatch> requests;
};

// Agent runs of 2 to 13 spans with model calls, tools, errors, events, values of every type, and long texts that repeat
// within a trace. They end at `end_unix_ns`. Two seeds share no id, but by a chance of 1 in 2^64.
SeededTraces MakeTraces(std::uint64_t seed, std::size_t count, UnixNanos end_unix_ns);

}  // namespace nightjar::selfcheck
