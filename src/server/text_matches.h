// Where the words of a query occur in what a row of a list stands for, the best places first.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "query/search.h"
#include "query/sort.h"
#include "server/api_routes.h"
#include "server/match_place.h"
#include "store/conversation_index.h"

namespace nightjar::server {

constexpr std::size_t kMatchesMax = 5;  // of a row

// "matches": how many a row shows at most; none when it is left out.
Result<std::size_t> ParseMatchesMax(const Request& request);

// Of one page. Without `matches_max`, or without words, nothing is read.
class TextMatches {
 public:
  TextMatches(const ApiSources& sources, const Request& request, const query::Expression& expression,
              std::size_t matches_max);

  Result<void> ReadSpans(const std::vector<query::SpanHit>& spans);
  Result<void> ReadTraces(const std::vector<TraceId>& traces);
  Result<void> ReadPeople(query::ListOf list, const std::vector<std::string>& ids);

  // Adds "matches" to the row of a span (its trace id and span id, one after the other), of a trace, session or user;
  // nothing when none were asked for, or there are no words.
  void AddTo(json::object& row, const std::string& id) const;

 private:
  [[nodiscard]] bool is_wanted() const { return matches_max_ != 0 && !words_.empty(); }
  // `ids_of`: the rows to which what a trace has belongs; a span's own when it is not there.
  Result<void> Read(const std::vector<store::CallPosition>& positions,
                    const std::multimap<TraceId, std::string>& ids_of);

  const ApiSources& sources_;
  const std::string& project_;
  const store::QueryOptions options_;
  const std::vector<std::string> words_;
  const std::size_t matches_max_;
  std::map<std::string, std::vector<PlacedMatch>> matches_of_;  // by the row's id
};

}  // namespace nightjar::server
