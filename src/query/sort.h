// What lists can be sorted by, and where a page of a sorted list ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace nightjar::query {

enum class ListOf : std::uint8_t { kSpans, kTraces, kSessions, kUsers };

// By one column, and by the ids among equals. What is not known stands last.
struct SortOrder {
  enum class Type : std::uint8_t { kTime, kDuration, kNumber, kText };
  std::string name;
  Type type = Type::kTime;
  std::string key;          // as SQL: over a row of nightjar.spans, or aggregated over those of a trace or of `id`
  bool sums_calls = false;  // `key` needs what WithIsCall defines
  bool ascending = false;

  // The order of the newest first, in which a list can be read from its end.
  [[nodiscard]] bool is_newest_first() const { return name == "start" && !ascending; }
  // The name of the annotation whose score is the key, which is `mean_score` of a join (query/score_sql.h).
  [[nodiscard]] std::optional<std::string_view> score() const;
  // What keys are compared as.
  [[nodiscard]] std::string_view sql_type() const;
};

// The order of the rows that show the words best, for which query/relevance.h makes the key.
constexpr std::string_view kRelevance = "relevance";

// "-start", "cost", "-score.quality": a minus is descending. "relevance": the best first. kInvalidArgument for what the
// list cannot be sorted by; the message lists the others.
Result<SortOrder> ParseSort(std::string_view text, ListOf list);

// Where a page ends: the key of its last row, as text, and the ids.
struct Position {
  std::string key;
  TraceId trace_id;  // of a page of traces or spans
  SpanId span_id;    // of a page of spans
  std::string id;    // of a page of sessions or users
};

// Of letters, digits and dashes.
std::string ToText(const Position& position, ListOf list);
// kInvalidArgument for a text that no page gave.
Result<Position> ParsePosition(std::string_view text, ListOf list, const SortOrder& order);

}  // namespace nightjar::query
