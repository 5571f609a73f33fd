// Calls are compared without comparing pairs. Among calls that are alike, in the order of the moment at which each can
// first be told by an earlier one, the latest end so far tells whether any of them overlaps. Only what is still alone
// then, with one alike in its trace at that time, is looked for above; mostly there is none.
#include "store/repeated_calls.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "store/id_columns.h"
#include "store/native_reader.h"
#include "store/newest_copy.h"

namespace nightjar::store {
namespace {

constexpr std::uint64_t kApartNsMax = 600'000'000'000;
constexpr int kLevelsMax = 64;

using Key = std::tuple<std::string_view, std::string_view, bool, bool, std::uint64_t, std::uint64_t>;

Key KeyOf(const CallFacts& call) {
  return {call.kind,          call.provider,         call.prompt_is_known, call.completion_is_known,
          call.prompt_tokens, call.completion_tokens};
}

// A model's name without what names its version at the end: "-latest", or a date. One span may have the name that was
// asked for, another the one that answered. The same in SQL is kFamily.
std::string_view FamilyOf(std::string_view model) {
  constexpr std::string_view kDigits = "0123456789";
  constexpr std::size_t kDateDigitsMin = 4;
  for (std::size_t dash = model.find('-'); dash != std::string_view::npos; dash = model.find('-', dash + 1)) {
    const std::string_view end = model.substr(dash + 1);
    const bool is_date = end.find_first_not_of(kDigits) >= kDateDigitsMin && end.size() >= kDateDigitsMin &&
                         end.find_first_not_of("0123456789-") == std::string_view::npos;
    if (is_date || end == "latest") return model.substr(0, dash);
  }
  return model;
}
constexpr std::string_view kFamily =
    "replaceRegexpOne(toString(model), '-(latest|[0-9][0-9][0-9][0-9][-0-9]*)\\\\z', '')";

bool HasCounts(const CallFacts& call) { return call.prompt_is_known || call.completion_is_known; }

bool AreAlike(const CallFacts& a, const CallFacts& b) {
  return KeyOf(a) == KeyOf(b) && a.start_unix_ns <= b.end_unix_ns && b.start_unix_ns <= a.end_unix_ns &&
         (a.response_hash == 0 || b.response_hash == 0);
}

// Of calls with one response id the first in this order is kept.
auto Rank(const CallFacts& call) {
  return std::tuple(!HasCounts(call), !call.has_content, call.start_unix_ns, ~call.end_unix_ns, call.address);
}

// The call that ends last of those so far.
class LatestEnd {
 public:
  void Add(const CallFacts& call) {
    if (!latest_ || call.end_unix_ns > latest_->end_unix_ns) latest_ = &call;
  }
  // One that overlaps `call`, which is not among them and ends at the earliest when the last of them started.
  [[nodiscard]] const CallFacts* Overlapping(const CallFacts& call) const {
    return latest_ && latest_->end_unix_ns >= call.start_unix_ns ? latest_ : nullptr;
  }

 private:
  const CallFacts* latest_ = nullptr;
};

class Finder {
 public:
  explicit Finder(const std::vector<CallFacts>& calls) : calls_(calls) {}

  RepeatedCalls found;

  // (a)
  void BySameId() {
    std::map<std::uint64_t, const CallFacts*> first;
    for (const CallFacts& call : calls_) {
      if (call.response_hash == 0) continue;
      const CallFacts*& best = first[call.response_hash];
      if (!best || Rank(call) < Rank(*best)) best = &call;
    }
    for (const CallFacts& call : calls_) {
      if (call.response_hash == 0) continue;
      const CallFacts& best = *first[call.response_hash];
      const auto [early, late] = std::minmax(call.start_unix_ns, best.start_unix_ns);
      if (best.address != call.address && late - early <= kApartNsMax) found.emplace(call.address, best.address);
    }
  }

  // (c) and (d), of silent calls beside those with content.
  void BySilence() {
    std::map<std::tuple<TraceId, Key, bool>, std::vector<const CallFacts*>> beside;
    std::map<std::tuple<Key, std::string_view>, std::vector<const CallFacts*>> elsewhere;
    for (const CallFacts& call : calls_) {
      if (HasCounts(call) || call.failed)
        beside[{call.address.trace_id, KeyOf(call), !HasCounts(call)}].push_back(&call);
      if (call.prompt_is_known && call.completion_is_known && (call.has_content || call.parent_span_id.IsZero()))
        elsewhere[{KeyOf(call), FamilyOf(call.model)}].push_back(&call);
    }
    for (auto& [key, group] : beside) TellSilent(group);
    for (auto& [key, group] : elsewhere) TellSilent(group);
  }

  // Calls that nothing tells so far, and that overlap one alike in their trace.
  [[nodiscard]] std::vector<const CallFacts*> Lonely() const {
    std::map<std::tuple<TraceId, Key>, std::vector<const CallFacts*>> groups;
    for (const CallFacts& call : calls_) groups[{call.address.trace_id, KeyOf(call)}].push_back(&call);
    std::vector<const CallFacts*> lonely;
    for (auto& [key, group] : groups) {
      const auto without_id = std::ranges::count(group, 0U, &CallFacts::response_hash);
      if (group.size() < 2 || without_id == 0) continue;
      std::ranges::sort(group, {}, &CallFacts::start_unix_ns);
      UnixNanos latest_end = 0;
      for (std::size_t i = 0; i < group.size(); ++i) {
        const CallFacts& call = *group[i];
        const bool overlaps = (i > 0 && latest_end >= call.start_unix_ns) ||
                              (i + 1 < group.size() && group[i + 1]->start_unix_ns <= call.end_unix_ns);
        latest_end = std::max(latest_end, call.end_unix_ns);
        if (overlaps && !found.contains(call.address)) lonely.push_back(&call);
      }
    }
    return lonely;
  }

  // (b)
  void ByAncestry(const std::vector<const CallFacts*>& lonely, const ParentIds& parents) {
    std::map<SpanAddress, const CallFacts*> by_address;
    for (const CallFacts& call : calls_) by_address[call.address] = &call;
    for (const CallFacts* inner : lonely) {
      SpanAddress above{inner->address.trace_id, inner->parent_span_id};
      for (int level = 0; level < kLevelsMax && !above.span_id.IsZero(); ++level) {
        const auto outer = by_address.find(above);
        if (outer != by_address.end() && outer->second != inner && AreAlike(*outer->second, *inner)) {
          if (inner->has_content && !outer->second->has_content)
            found.emplace(outer->second->address, inner->address);
          else
            found.emplace(inner->address, outer->second->address);
          break;
        }
        const auto parent = parents.find(above);
        above.span_id = parent == parents.end() ? SpanId() : parent->second;
      }
    }
  }

 private:
  // A silent call with a response id is told by one without; one without an id also by those with one.
  void TellSilent(std::vector<const CallFacts*>& group) {
    std::ranges::sort(group, {}, [](const CallFacts* call) {
      return std::tuple(call->has_content ? call->start_unix_ns : call->end_unix_ns, !call->has_content);
    });
    LatestEnd all, without_id;
    for (const CallFacts* call : group) {
      if (call->has_content) {
        all.Add(*call);
        if (call->response_hash == 0) without_id.Add(*call);
        continue;
      }
      const CallFacts* teller = (call->response_hash == 0 ? all : without_id).Overlapping(*call);
      if (teller) found.emplace(call->address, teller->address);
    }
  }

  const std::vector<CallFacts>& calls_;
};

// What FindRepeatedCalls does, in one statement. Nearly every call is like no other: only those are compared that share
// a trace and counts, or a response id, with another, or counts with a silent root; and of these all copies.
constexpr std::string_view kRepeatsSql = R"(
WITH RECURSIVE compared AS (
    SELECT *,
        first_value((span_id, start)) OVER (PARTITION BY id, if(id = 0, span_id, 0)
            ORDER BY counted = 0, NOT content, start, end DESC, trace_id, span_id) AS first_of_id,
        maxIf(end, content) OVER beside AS told_beside,
        maxIf(end, content AND id = 0) OVER beside AS told_beside_without_id,
        maxIf(end, content) OVER elsewhere AS told_elsewhere,
        maxIf(end, content AND id = 0) OVER elsewhere AS told_elsewhere_without_id,
        count() OVER alike AS number_alike, countIf(id = 0) OVER alike AS number_without_id
    FROM (
        SELECT {facts} FROM nightjar.spans
        WHERE {these} AND (
            {alike} IN (SELECT {alike} AS same FROM nightjar.spans WHERE {these} GROUP BY same HAVING count() > 1)
            OR cityHash64(trace_id, span_id) IN (SELECT cityHash64(trace_id, span_id) AS same FROM nightjar.spans
                WHERE {these} GROUP BY same HAVING count() > 1)
            OR response_hash IN (SELECT response_hash FROM nightjar.spans
                WHERE {these} AND response_hash != 0 GROUP BY response_hash HAVING count() > 1)
            OR {counts} IN (SELECT {counts} FROM nightjar.spans WHERE {these} AND parent_span_id = 0
                AND empty(input_preview) AND empty(output_preview) AND bitAnd(known, 3) = 3))
        ORDER BY {newest} LIMIT 1 BY {project}trace_id, span_id)
    WINDOW alike AS (PARTITION BY trace_id, key),
        beside AS (PARTITION BY trace_id, key, counted = 0 AND failed ORDER BY if(content, start, end)),
        elsewhere AS (PARTITION BY model_key ORDER BY if(content, start, end))
),
climb AS (
    SELECT {project}trace_id, span_id AS call, parent_span_id AS above, start, end, key, id, content, 0 AS levels,
        if((id != 0 AND first_of_id.1 != span_id AND start - first_of_id.2 + {apart_ns_max} <= 2 * {apart_ns_max})
           OR (NOT content AND (counted != 0 OR failed)
               AND if(id = 0, told_beside, told_beside_without_id) >= start)
           OR (NOT content AND counted = 3 AND parent_span_id = 0
               AND if(id = 0, told_elsewhere, told_elsewhere_without_id) >= start),
           span_id, 0) AS repeated
    FROM compared
    WHERE repeated != 0 OR (number_alike > 1 AND number_without_id > 0)
    UNION ALL
    SELECT {project_of_inner}inner.trace_id, call, outer.parent_span_id, inner.start, inner.end, inner.key, inner.id, inner.content,
        levels + 1,
        multiIf(NOT (outer.key = inner.key AND outer.start <= inner.end AND inner.start <= outer.end
                     AND (outer.id = 0 OR inner.id = 0) AND outer.span_id != call), 0,
                inner.content > outer.content, outer.span_id, call)
    FROM climb AS inner JOIN (
        SELECT {facts} FROM nightjar.spans
        WHERE {project_is} AND trace_id IN (SELECT trace_id FROM climb WHERE repeated = 0)
        ORDER BY {newest} LIMIT 1 BY {project}trace_id, span_id) AS outer
    ON {same_project}outer.trace_id = inner.trace_id AND outer.span_id = above
    WHERE repeated = 0 AND above != 0 AND levels < {levels_max}
)
SELECT {project}trace_id, repeated AS span_id FROM climb WHERE repeated != 0)";

// Of all projects a call is compared with those of its own: it is part of what makes calls alike.
struct ProjectSql {
  std::string_view is, column, of_inner, same, id, key;
};
constexpr ProjectSql kOneProject = {"project = {project:String}", "", "", "", "response_hash", ""};
constexpr ProjectSql kEachProject = {"1",
                                     "project, ",
                                     "inner.project, ",
                                     "outer.project = inner.project AND ",
                                     "if(response_hash = 0, 0, cityHash64(project, response_hash))",
                                     "project, "};

constexpr std::string_view kFacts =
    "{project}trace_id, span_id, parent_span_id, start_unix_ns AS start, "
    "start_unix_ns + toUInt64(greatest(duration_ns, 0)) AS end, {id} AS id, bitAnd(known, 3) AS counted, "
    "cityHash64({key}kind, provider, counted, prompt_tokens, completion_tokens) AS key, cityHash64(key, {family}) AS "
    "model_key, "
    "status = 2 AS failed, input_preview != '' OR output_preview != '' AS content";

constexpr std::string_view kCounts = "kind, provider, bitAnd(known, 3), prompt_tokens, completion_tokens";

std::string RepeatsSql(const ProjectSql& project, std::string_view calls) {
  const std::string facts = fmt::format(kFacts, fmt::arg("project", project.column), fmt::arg("id", project.id),
                                        fmt::arg("key", project.key), fmt::arg("family", kFamily));
  const std::string these = fmt::format("{} AND {} AND ({})", project.is, kIsCall, calls);
  return fmt::format(kRepeatsSql, fmt::arg("facts", facts), fmt::arg("these", these),
                     fmt::arg("alike", fmt::format("cityHash64(trace_id, {})", kCounts)),
                     fmt::arg("counts", fmt::format("cityHash64({})", kCounts)), fmt::arg("project_is", project.is),
                     fmt::arg("project", project.column), fmt::arg("project_of_inner", project.of_inner),
                     fmt::arg("same_project", project.same), fmt::arg("apart_ns_max", kApartNsMax),
                     fmt::arg("newest", kNewestCopyFirst), fmt::arg("levels_max", kLevelsMax));
}

CallFacts ReadFacts(const NativeBlock& block, std::size_t row) {
  std::size_t next = 0;
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
  CallFacts call;
  call.address.trace_id = *TraceId::FromBytes(column().Text(row));
  call.address.span_id = SpanIdFromNumber(column().Fixed<std::uint64_t>(row));
  call.parent_span_id = SpanIdFromNumber(column().Fixed<std::uint64_t>(row));
  call.start_unix_ns = column().Fixed<std::uint64_t>(row);
  call.end_unix_ns = column().Fixed<std::uint64_t>(row);
  call.response_hash = column().Fixed<std::uint64_t>(row);
  call.kind = column().Text(row);
  call.provider = column().Text(row);
  call.model = column().Text(row);
  const auto known = column().Fixed<std::uint16_t>(row);
  call.prompt_is_known = (known & 1U) != 0;
  call.completion_is_known = (known & 2U) != 0;
  call.prompt_tokens = column().Fixed<std::uint64_t>(row);
  call.completion_tokens = column().Fixed<std::uint64_t>(row);
  call.failed = column().Fixed<std::uint8_t>(row) != 0;
  call.has_content = column().Fixed<std::uint8_t>(row) != 0;
  return call;
}

// Asks for rows of the project's spans.
class FactsReader {
 public:
  FactsReader(ClickHouse& clickhouse, const std::string& project, const QueryOptions& options)
      : clickhouse_(clickhouse), project_(project), options_(options) {}

  [[nodiscard]] Result<std::vector<CallFacts>> CallsOf(const std::vector<TraceId>& trace_ids) const {
    return Calls("trace_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))",
                 {{"ids", HexArray(trace_ids), ParamForm::kLiteral}});
  }

  // Calls of other traces that may tell one of these, or be told by one.
  [[nodiscard]] Result<std::vector<CallFacts>> CallsNear(const std::vector<CallFacts>& calls) const {
    std::set<std::uint64_t> ids;
    std::set<std::uint64_t> prompts;
    for (const CallFacts& call : calls) {
      if (call.response_hash != 0) ids.insert(call.response_hash);
      if (!call.has_content && call.parent_span_id.IsZero() && call.prompt_is_known) prompts.insert(call.prompt_tokens);
    }
    if (ids.empty() && prompts.empty()) return std::vector<CallFacts>();
    const auto [first, last] = std::ranges::minmax(calls, {}, &CallFacts::start_unix_ns);
    const UnixNanos from = first.start_unix_ns - std::min(first.start_unix_ns, kApartNsMax);
    const UnixNanos to = last.start_unix_ns + std::min(~last.start_unix_ns, kApartNsMax);
    return Calls(
        "start_unix_ns BETWEEN {from:UInt64} AND {to:UInt64} AND (response_hash IN {ids:Array(UInt64)} "
        "OR (prompt_tokens IN {prompts:Array(UInt64)} AND bitAnd(known, 3) = 3))",
        {{"from", std::to_string(from)},
         {"to", std::to_string(to)},
         {"ids", fmt::format("[{}]", fmt::join(ids, ",")), ParamForm::kLiteral},
         {"prompts", fmt::format("[{}]", fmt::join(prompts, ",")), ParamForm::kLiteral}});
  }

  [[nodiscard]] Result<ParentIds> ParentsOf(const std::vector<TraceId>& trace_ids) const {
    const std::string sql =
        "SELECT DISTINCT trace_id, span_id, parent_span_id FROM nightjar.spans WHERE project = {project:String} "
        "AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))";
    ParentIds parents;
    ASSIGN_OR_RETURN(const std::string bytes, Select(sql, {{"ids", HexArray(trace_ids), ParamForm::kLiteral}}));
    ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
    for (const NativeBlock& block : blocks)
      for (std::size_t row = 0; row < block.rows; ++row)
        parents[{*TraceId::FromBytes(block.columns.at(0).Text(row)),
                 SpanIdFromNumber(block.columns.at(1).Fixed<std::uint64_t>(row))}] =
            SpanIdFromNumber(block.columns.at(2).Fixed<std::uint64_t>(row));
    return parents;
  }

 private:
  [[nodiscard]] Result<std::string> Select(const std::string& sql, std::vector<QueryParam> params) const {
    params.push_back({"project", project_});
    return clickhouse_.Select(sql, params, options_);
  }

  [[nodiscard]] Result<std::vector<CallFacts>> Calls(std::string_view where, std::vector<QueryParam> params) const {
    const std::string sql = fmt::format(
        "SELECT trace_id, span_id, parent_span_id, start_unix_ns, start_unix_ns + toUInt64(greatest(duration_ns, 0)), "
        "response_hash, kind, provider, model, known, prompt_tokens, completion_tokens, status = 2, "
        "input_preview != '' OR output_preview != '' FROM nightjar.spans "
        "WHERE project = {{project:String}} AND {} AND {} ORDER BY {} LIMIT 1 BY trace_id, span_id",
        kIsCall, where, kNewestCopyFirst);
    ASSIGN_OR_RETURN(const std::string bytes, Select(sql, std::move(params)));
    ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
    std::vector<CallFacts> calls;
    for (const NativeBlock& block : blocks)
      for (std::size_t row = 0; row < block.rows; ++row) calls.push_back(ReadFacts(block, row));
    return calls;
  }

  ClickHouse& clickhouse_;
  const std::string& project_;
  const QueryOptions& options_;
};

}  // namespace

Result<RepeatedCalls> FindRepeatedCalls(const std::vector<CallFacts>& calls, const ReadParents& read_parents) {
  if (calls.size() < 2) return RepeatedCalls();
  Finder finder(calls);
  finder.BySameId();
  finder.BySilence();
  if (const std::vector<const CallFacts*> lonely = finder.Lonely(); !lonely.empty()) {
    std::set<TraceId> traces;
    for (const CallFacts* call : lonely) traces.insert(call->address.trace_id);
    ASSIGN_OR_RETURN(const ParentIds parents, read_parents({traces.begin(), traces.end()}));
    finder.ByAncestry(lonely, parents);
  }
  return std::move(finder.found);
}

Result<RepeatedCalls> ReadRepeatedCalls(ClickHouse& clickhouse, const std::string& project,
                                        const std::vector<TraceId>& trace_ids, const QueryOptions& options) {
  ASSIGN_OR_RETURN(std::vector<CallFacts> calls, FactsReader(clickhouse, project, options).CallsOf(trace_ids));
  return ReadRepeatsOf(clickhouse, project, std::move(calls), options);
}

Result<RepeatedCalls> ReadRepeatsOf(ClickHouse& clickhouse, const std::string& project, std::vector<CallFacts> calls,
                                    const QueryOptions& options) {
  if (calls.empty()) return RepeatedCalls();
  std::set<TraceId> own;
  for (const CallFacts& call : calls) own.insert(call.address.trace_id);
  const FactsReader reader(clickhouse, project, options);
  ASSIGN_OR_RETURN(std::vector<CallFacts> near, reader.CallsNear(calls));
  std::erase_if(near, [&](const CallFacts& call) { return own.contains(call.address.trace_id); });
  std::ranges::move(near, std::back_inserter(calls));
  ASSIGN_OR_RETURN(RepeatedCalls found, FindRepeatedCalls(calls, [&](const std::vector<TraceId>& traces) {
                     return reader.ParentsOf(traces);
                   }));
  std::erase_if(found, [&](const auto& repeat) { return !own.contains(repeat.first.trace_id); });
  return found;
}

std::string NearRange(std::string_view from, std::string_view to) {
  return fmt::format("start_unix_ns >= {0} - least({0}, {2}) AND start_unix_ns < {1} + least(bitNot({1}), {2})", from,
                     to, kApartNsMax);
}

std::string RepeatsAmong(std::string_view calls) { return RepeatsSql(kOneProject, calls); }

std::string RepeatsOfEachProject() { return RepeatsSql(kEachProject, "1"); }

}  // namespace nightjar::store
