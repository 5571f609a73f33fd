// Conditions on one row of nightjar.spans, as SQL. What comes from the query is bound, never part of the text.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "query/expression.h"
#include "store/clickhouse.h"

namespace nightjar::query::internal {

class SpanSql {
 public:
  explicit SpanSql(UnixNanos now) : now_(now) {}

  // `positive`: no NOT stands around it.
  std::string OfTerm(const Term& term, bool positive);
  // The same where the field's value is `sql`, and `known` whether there is one.
  std::string Compared(const Term& term, std::string_view sql, std::string_view known);
  // The span's value as a Nullable(Float64). REQUIRES: the field is a number, or an attribute
  std::string NumberOf(const Field& field, const std::string& key);
  // Whether the text of a kText occurs; `base` says which spans are asked about, here and around them.
  std::string OfText(const Expression& expression, const std::string& base);

  // A placeholder for the value; the same value is bound once.
  std::string Bind(std::string_view type, std::string value);
  void Add(store::QueryParam param) { params_.push_back(std::move(param)); }
  std::vector<store::QueryParam> TakeParams() { return std::move(params_); }

 private:
  std::string Matches(std::string_view sql, Operator op, const Pattern& pattern);
  std::string OnAttribute(const Term& term, bool positive);
  std::string StringEquals(const std::string& key, const std::string& text, bool positive);
  std::string OnJson(const Term& term, std::string_view object);
  std::string OnJsonAt(const Term& term, std::string_view object, const std::string& path);
  std::string PathOf(const std::string& key);
  std::string HasText(const std::string& text, const std::string& base);
  std::string InSegments(const std::vector<std::string>& spellings, const std::string& base);
  std::string Contains(std::string_view sql, const std::vector<std::string>& spellings);

  const UnixNanos now_;
  std::vector<store::QueryParam> params_;
};

// "=", "<" … of a comparison.
std::string_view SignOf(Operator op);

}  // namespace nightjar::query::internal
