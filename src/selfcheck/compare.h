// Whether what the server tells is what was sent. Written against the API's contract (docs/guide/api.md), not with the
// server's own code, which would agree with itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/span.h"

namespace nightjar::selfcheck {

enum class Fault {
  kNotFoundById,     // a read by id does not know an acknowledged trace
  kMissingSpans,     // a read by id lacks acknowledged spans
  kIncorrectResult,  // a span, or a trace, is not as it was sent
  kNotInList,        // the project's list lacks an acknowledged trace
  kNotInSearch,      // a query for words and attributes of an acknowledged trace does not find it, or finds more
  kWrongAggregate,   // counts or sums of a trace, of the project, or of its usage are wrong
  kRequestFailed,    // an export or a question was refused, or had no answer
};
constexpr std::size_t kFaultCount = 7;

std::string_view ToString(Fault fault);  // "not_found_by_id"

struct Finding {
  Fault fault;
  std::string text;  // which trace and what is wrong with it
};

// `answer` is that of GET /api/v1/projects/{p}/traces/{trace_id}.
std::vector<Finding> CompareTrace(const model::SpanBatch& sent, const json::object& answer);

// `row` is a trace's row in a list, or the "trace" of the answer above.
std::vector<Finding> CompareSummary(const model::SpanBatch& sent, const json::object& row);

}  // namespace nightjar::selfcheck
