// The condition that a row belongs to one of some spans of a project: of spans, or of their log records.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>
#include <vector>

#include "store/clickhouse.h"
#include "store/id_columns.h"

namespace nightjar::store {

struct SpanCondition {
  std::string sql;  // with the parameters `project` and `traces`
  std::vector<QueryParam> params;
};

// Also true of a span of one of these traces whose id is another's of them.
inline SpanCondition IsOneOf(const std::string& project, const std::set<SpanAddress>& spans) {
  std::set<TraceId> traces;
  std::vector<std::uint64_t> ids;
  for (const SpanAddress& span : spans) {
    traces.insert(span.trace_id);
    ids.push_back(SpanIdNumber(span.span_id));
  }
  return {fmt::format("project = {{project:String}} AND trace_id IN (SELECT "
                      "toFixedString(unhex(arrayJoin({{traces:Array(String)}})), 16)) AND span_id IN ({})",
                      fmt::join(ids, ",")),
          {{"project", project}, {"traces", HexArray({traces.begin(), traces.end()}), ParamForm::kLiteral}}};
}

}  // namespace nightjar::store
