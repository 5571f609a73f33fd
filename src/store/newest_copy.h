// Which of the rows of one span counts, for every reader of nightjar.spans.
#pragma once

namespace nightjar::store {

// For ORDER BY, before LIMIT 1 BY project, trace_id, span_id: the copy that arrived last, and of the rows that were
// derived from one copy the one by the newest rules and prices, then by most log records. Merges keep the same row,
// because it is inserted last.
inline constexpr const char* kNewestCopyFirst = "seq DESC, rules_version DESC, prices_version DESC, log_records DESC";

}  // namespace nightjar::store
