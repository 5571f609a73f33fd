// Pages of sessions and of users that match a query.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/compile.h"
#include "query/expression.h"
#include "query/sort.h"
#include "store/clickhouse.h"

namespace nightjar::query {

struct PeopleRequest {
  ListOf list = ListOf::kSessions;  // or kUsers
  const Expression& expression;     // of the session; of a trace of the user
  const Window& window;             // in which a span starts that carries the id itself
  SortOrder order;
  std::size_t limit = 50;
  std::optional<Position> after;
};

struct PeoplePage {
  std::vector<std::string> ids;
  std::optional<Position> next;  // nothing: there are no more
};

// What is shown of them, and sorted by, is of all their spans, whatever the window.
Result<PeoplePage> FindPeople(store::ClickHouse& clickhouse, const PeopleRequest& request,
                              const store::QueryOptions& options);

}  // namespace nightjar::query
