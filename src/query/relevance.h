// The order of rows by how well they show the words that are looked for.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "query/expression.h"
#include "query/sort.h"
#include "store/clickhouse.h"

namespace nightjar::query {

// The order's key; the name of the annotation by whose score it sorts is added to the parameters. Of kRelevance it is
// made of the expression's words, whose parameters are added; without a word kInvalidArgument.
Result<std::string> KeyOf(const SortOrder& order, const Expression& expression, ListOf list,
                          std::vector<store::QueryParam>& params);

}  // namespace nightjar::query
