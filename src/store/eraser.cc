#include "store/eraser.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "store/native_reader.h"

namespace nightjar::store {
namespace {

// The trace id of the row that stands for a whole project; no span has it.
constexpr const char* kNoTrace = "toFixedString('', 16)";

// Traces that have a row of this age, of those with `condition`.
std::string TracesOfAgeSql(const std::string& age, const std::string& condition) {
  return fmt::format(
      "SELECT trace_id FROM nightjar.spans WHERE project = {{project:String}} AND start_unix_ns {0} {1} UNION DISTINCT "
      "SELECT trace_id FROM nightjar.logs WHERE project = {{project:String}} AND at_unix_ns {0} AND trace_id != {2} "
      "{1}",
      age, condition, kNoTrace);
}

std::string OldTracesSql() {
  const std::string with_old = TracesOfAgeSql("< {before:UInt64}", "");
  return fmt::format("SELECT trace_id FROM ({}) WHERE trace_id NOT IN ({})", with_old,
                     TracesOfAgeSql(">= {before:UInt64}", fmt::format("AND trace_id IN ({})", with_old)));
}

// Of one table, or of both for what is old.
std::string TracesSql(const ErasureTarget& target, const char* table) {
  if (target.before_unix_ns) return OldTracesSql();
  std::string sql = fmt::format("SELECT DISTINCT trace_id FROM nightjar.{} WHERE project = {{project:String}}", table);
  if (target.trace_id) sql += " AND trace_id = toFixedString(unhex({trace:String}), 16)";
  if (target.session_id)
    sql +=
        " AND trace_id IN (SELECT trace_id FROM nightjar.spans WHERE project = {project:String} AND session_id = "
        "{session:String})";
  return sql;
}

std::string HexOf(std::string_view text) {
  std::string hex;
  for (const char c : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

std::vector<QueryParam> ParamsOf(const ErasureTarget& target, std::uint64_t seq_end) {
  std::vector<QueryParam> params = {{"project", target.project}, {"end", std::to_string(seq_end)}};
  if (target.trace_id) params.push_back({"trace", target.trace_id->ToHex()});
  if (target.session_id) params.push_back({"session", *target.session_id});
  if (target.before_unix_ns) params.push_back({"before", std::to_string(*target.before_unix_ns)});
  return params;
}

}  // namespace

Result<std::uint64_t> Eraser::Number(const std::string& sql, const std::vector<QueryParam>& params) const {
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_->Select(sql, params, QueryOptions()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered a number with no row");
  return blocks[0].columns.at(0).Fixed<std::uint64_t>(0);
}

Result<void> Eraser::Note(const ErasureTarget& target, std::uint64_t seq_end) {
  const std::vector<QueryParam> params = ParamsOf(target, seq_end);
  const bool whole_project = !target.trace_id && !target.session_id && !target.before_unix_ns;
  if (target.before_unix_ns) RETURN_IF_ERROR(EraseLoose(target, seq_end));
  // Log records may have come without any span.
  std::string anything = fmt::format("({}) + ({})", fmt::format("SELECT count() FROM ({})", TracesSql(target, "spans")),
                                     fmt::format("SELECT count() FROM ({})", TracesSql(target, "logs")));
  if (whole_project) anything += " + (SELECT count() FROM nightjar.metric_points WHERE project = {project:String})";
  ASSIGN_OR_RETURN(const std::uint64_t found, Number("SELECT " + anything, params));
  if (found == 0) return Fail(ErrorCode::kNotFound, "there is nothing to delete");
  const std::string traces = fmt::format("{} UNION DISTINCT {}", TracesSql(target, "spans"), TracesSql(target, "logs"));
  const std::string project_row =
      whole_project ? fmt::format(" UNION ALL SELECT {{project:String}}, {}, {{end:UInt64}}, 0", kNoTrace) : "";
  return clickhouse_->Execute(
      fmt::format("INSERT INTO nightjar.erasing (project, trace_id, seq_end, scope) "
                  "SELECT {{project:String}}, trace_id, {{end:UInt64}}, scope FROM ({}) AS t LEFT JOIN "
                  "(SELECT DISTINCT trace_id, segment_scope AS scope FROM nightjar.spans "
                  "WHERE project = {{project:String}} AND segment_scope != 0) AS s USING (trace_id){}",
                  traces, project_row),
      params);
}

Result<void> Eraser::EraseLoose(const ErasureTarget& target, std::uint64_t seq_end) {
  const std::pair<const char*, std::string> tables[] = {
      {"logs", fmt::format("at_unix_ns < {} AND trace_id = {}", *target.before_unix_ns, kNoTrace)},
      {"metric_points", fmt::format("time_unix_ns < {}", *target.before_unix_ns)}};
  for (const auto& [table, age] : tables) {
    const std::string old = fmt::format("{} AND seq < {}", age, seq_end);
    ASSIGN_OR_RETURN(
        const std::uint64_t found,
        Number(fmt::format("SELECT count() FROM nightjar.{} WHERE project = {{project:String}} AND {}", table, old),
               {{"project", target.project}}));
    // A mutation takes no parameters.
    if (found > 0)
      RETURN_IF_ERROR(clickhouse_->Execute(
          fmt::format("ALTER TABLE nightjar.{} DELETE WHERE project = unhex('{}') AND {} SETTINGS mutations_sync = 1",
                      table, HexOf(target.project), old)));
  }
  return {};
}

Result<void> Eraser::Finish() {
  ASSIGN_OR_RETURN(const std::uint64_t seq_end, Number("SELECT max(seq_end) FROM nightjar.erasing"));
  if (seq_end == 0) return {};
  const std::string noted = "(project, trace_id) IN (SELECT project, trace_id FROM nightjar.erasing)";
  const std::string whole =
      fmt::format("project IN (SELECT project FROM nightjar.erasing WHERE trace_id = {})", kNoTrace);
  const auto erase = [&](const char* table, const std::string& condition) {
    return clickhouse_->Execute(
        fmt::format("ALTER TABLE nightjar.{} DELETE WHERE {} SETTINGS mutations_sync = 1", table, condition));
  };
  const std::string before = fmt::format("seq < {}", seq_end);
  RETURN_IF_ERROR(erase("spans", fmt::format("{} AND ({} OR {})", before, noted, whole)));
  RETURN_IF_ERROR(erase("logs", fmt::format("{} AND ({} OR {})", before, noted, whole)));
  const std::string of_session =
      "session_id != '' AND session_id NOT IN (SELECT session_id FROM nightjar.spans WHERE project IN (SELECT project "
      "FROM nightjar.erasing))";
  RETURN_IF_ERROR(erase(
      "annotations",
      fmt::format("project IN (SELECT project FROM nightjar.erasing) AND ({} OR {} OR {})", noted, whole, of_session)));
  RETURN_IF_ERROR(erase("metric_points", fmt::format("{} AND {}", before, whole)));
  // Spans of other traces of the session may share bodies with those that are gone.
  RETURN_IF_ERROR(erase("segments",
                        "scope IN (SELECT scope FROM nightjar.erasing) AND (scope, hash) NOT IN "
                        "(SELECT segment_scope, arrayJoin(segments) FROM nightjar.spans "
                        "WHERE segment_scope IN (SELECT scope FROM nightjar.erasing))"));
  return clickhouse_->Execute("TRUNCATE TABLE nightjar.erasing");
}

}  // namespace nightjar::store
