#include "store/span_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"

namespace nightjar::store {

Result<std::vector<CallPosition>> ChooseSpans(ClickHouse& clickhouse, const std::string& project,
                                              const TraceId& trace_id, const SpanChoice& choice,
                                              const QueryOptions& options) {
  // A span that ends before it starts is where it starts.
  std::string condition = fmt::format("start_unix_ns < {} AND start_unix_ns + toUInt64(greatest(duration_ns, 0)) >= {}",
                                      choice.to, choice.from);
  if (choice.with_events) condition += " AND has_events";
  if (!choice.kinds.empty()) condition += fmt::format(" AND kind IN ('{}')", fmt::join(choice.kinds, "','"));
  const std::string sql = fmt::format(
      "SELECT span_id, start_unix_ns, duration_ns FROM (SELECT span_id, start_unix_ns, duration_ns, "
      "toString(kind) AS kind, events != '' AS has_events FROM nightjar.spans WHERE project = {{project:String}} "
      "AND trace_id = toFixedString(unhex({{trace:String}}), 16) ORDER BY {} LIMIT 1 BY span_id) "
      "WHERE {} ORDER BY start_unix_ns, duration_ns DESC, span_id",
      kNewestCopyFirst, condition);
  const std::vector<QueryParam> params = {{"project", project}, {"trace", trace_id.ToHex()}};
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<CallPosition> spans;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      spans.push_back({.address = {trace_id, SpanIdFromNumber(block.columns.at(0).Fixed<std::uint64_t>(row))},
                       .start_unix_ns = block.columns.at(1).Fixed<std::uint64_t>(row),
                       .duration_ns = block.columns.at(2).Fixed<std::int64_t>(row)});
  return spans;
}

}  // namespace nightjar::store
