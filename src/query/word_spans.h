// Which spans hold the words that a query looks for, so that lists can show where.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "query/expression.h"
#include "query/sort.h"
#include "store/clickhouse.h"
#include "store/conversation_index.h"

namespace nightjar::query {

// Each text that must occur somewhere for the expression to hold, or may: none under a NOT.
std::vector<std::string> WordsOf(const Expression& expression);

struct WordSearch {
  const std::string& project;
  const std::vector<std::string>& words;
  const std::vector<TraceId>& traces;
  std::size_t per_trace = 1;
};
// Spans of these traces that hold one of the words, at most `per_trace` of each: calls first, then by start.
// REQUIRES: there is a word, and a trace
Result<std::vector<store::CallPosition>> SpansWithWords(store::ClickHouse& clickhouse, const WordSearch& search,
                                                        const store::QueryOptions& options);

// The latest traces of these sessions or users, each with the id: at most kTracesOfPeopleMax in all.
constexpr std::size_t kTracesOfPeopleMax = 2'000;
Result<std::vector<std::pair<TraceId, std::string>>> TracesOfPeople(store::ClickHouse& clickhouse,
                                                                    const std::string& project, ListOf list,
                                                                    const std::vector<std::string>& ids,
                                                                    const store::QueryOptions& options);

}  // namespace nightjar::query
