// Scores as numbers of what they judge: of several annotations of one name the mean.
#pragma once

#include <string>
#include <string_view>

#include "query/sort.h"

namespace nightjar::query {

// A SELECT of the ids of what such a list has and `mean_score`, a Nullable(Float64), of what the annotation with the
// name `name`, a bound parameter, gives a score: of spans trace_id and span_id; of traces trace_id, with the scores of
// their spans; of sessions and users id, with those of their traces. The statement has the parameter {project:String}.
std::string MeanScoresSql(ListOf list, std::string_view name);

// What stands behind FROM for the rows of nightjar.spans that fulfil the condition, beside the scores of that name when
// the list is sorted by them. Up to WHERE, and a condition.
std::string RowsToSort(const SortOrder& order, ListOf list, std::string_view condition);

// The name under which the score's annotation is bound.
constexpr std::string_view kSortScore = "sort_score";

}  // namespace nightjar::query
