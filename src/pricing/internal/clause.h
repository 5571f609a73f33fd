// Whether a name is meant: the data package's clauses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace re2 {
class RE2;
}

namespace nightjar::pricing::internal {

// {"equals": …}, {"starts_with": …}, {"ends_with": …}, {"contains": …}, {"regex": …}, {"or": […]}, {"and": […]},
// {"not": …}. A value: copies share the compiled expression.
class Clause {
 public:
  static Result<Clause> Read(const json::value& value);

  // REQUIRES: `name` is in lower case
  bool Matches(std::string_view name) const;

 private:
  enum class Kind { kEquals, kStartsWith, kEndsWith, kContains, kRegex, kOr, kAnd, kNot };

  Kind kind_ = Kind::kEquals;
  std::string text_;
  std::shared_ptr<const re2::RE2> regex_;  // owned by the copies of this clause
  std::vector<Clause> parts_;
};

}  // namespace nightjar::pricing::internal
