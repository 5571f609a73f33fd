// Which spans tell of a provider's call that another span tells too. A provider's own SDK traces itself beside an
// instrumentation, a framework beside the library it calls: two spans, one call, and not always one trace. This is the
// one definition; whatever adds calls up leaves out the spans that repeat one.
//
// Two spans of kind LLM, EMBEDDING or RERANKER that start within ten minutes of each other tell the same call
//   (a) with the provider's same response id, in whatever trace; or, when one of them has none, with the same provider
//       and token counts at an overlapping time
//   (b) if one is below the other in its trace, at most 64 levels;
//   (c) if one says nothing of input and output, the other does, and they are in the same trace; without token counts
//       only if both failed;
//   (d) if they are in different traces, the silent one is a root, and they have both counts and the same model, but
//       for a date or "-latest" at the end of its name.
// With (a) the one with token counts is kept, then the one with input or output, then the earlier; with (b) the one
// with input or output, then the outer; otherwise the one with input or output.
//
// It is written twice, because a page of traces must come in milliseconds and the totals of a project must not leave
// the engine: FindRepeatedCalls and RepeatsAmong. tests/test_repeated_calls.py holds them against each other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"

namespace nightjar::store {

// Whether a row of nightjar.spans is a call.
constexpr std::string_view kIsCall = "kind IN ('LLM', 'EMBEDDING', 'RERANKER')";

// What is compared of a call.
struct CallFacts {
  SpanAddress address;
  SpanId parent_span_id;
  UnixNanos start_unix_ns = 0;
  UnixNanos end_unix_ns = 0;
  std::uint64_t response_hash = 0;  // 0: no response id
  std::string kind;
  std::string provider;
  std::string model;
  bool prompt_is_known = false;
  bool completion_is_known = false;
  std::uint64_t prompt_tokens = 0;
  std::uint64_t completion_tokens = 0;
  bool failed = false;
  bool has_content = false;
};

// The spans that repeat a call, and for each one that counts, or that repeats it in turn.
using RepeatedCalls = std::map<SpanAddress, SpanAddress>;

// (trace, span) to the parent's id: of every span of the traces that are asked for.
using ParentIds = std::map<SpanAddress, SpanId>;
using ReadParents = std::function<Result<ParentIds>(const std::vector<TraceId>&)>;

// Pure but for `read_parents`, which is called at most once and mostly not at all.
Result<RepeatedCalls> FindRepeatedCalls(const std::vector<CallFacts>& calls, const ReadParents& read_parents);

// Of the spans of these traces; tellers may be in other traces.
Result<RepeatedCalls> ReadRepeatedCalls(ClickHouse& clickhouse, const std::string& project,
                                        const std::vector<TraceId>& trace_ids, const QueryOptions& options);
// The same, when all calls of these traces have been read.
Result<RepeatedCalls> ReadRepeatsOf(ClickHouse& clickhouse, const std::string& project, std::vector<CallFacts> calls,
                                    const QueryOptions& options);

// A SELECT of (trace_id, span_id) of the spans that repeat a call, to stand in parentheses, where only calls that
// fulfil the condition `calls` are compared. The statement has the parameter {project:String} and those of the
// condition.
std::string RepeatsAmong(std::string_view calls);
// The same of (project, trace_id, span_id), of all projects and without a parameter.
std::string RepeatsOfEachProject();
// For the end of such a statement: beyond this it sorts and groups on disk.
constexpr std::string_view kRepeatsSettings =
    " SETTINGS max_bytes_before_external_sort = 200000000, max_bytes_before_external_group_by = 400000000";

// Of the calls that may have to do with those that start at `from` or later and before `to`: constant expressions of
// type UInt64.
std::string NearRange(std::string_view from, std::string_view to);

}  // namespace nightjar::store
