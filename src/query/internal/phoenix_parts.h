// What Phoenix's filters are made of, on the way to Nightjar's tree.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "query/expression.h"
#include "query/parse.h"

namespace nightjar::query::internal {

// When a condition is true, and when it is false; elsewhere it is neither.
struct Condition3 {
  Expression yes;
  Expression no;
};

enum class Scalar : std::uint8_t { kNone, kTrue, kFalse };
using Literal = std::variant<Scalar, double, std::string>;
using Literals = std::vector<Literal>;

// What a name stands for.
struct Reference {
  const Field* field = nullptr;
  std::string key;
  double unit = 1;                       // what 1 is in the field's own unit
  std::optional<Expression::Within> of;  // of another span than the one that is asked: a root, the parent
  bool is_parent_span = false;           // the parent itself
  bool is_only_searched = false;         // any_input: several texts, which nothing is equal to
};

// A part of a filter, and where it stands.
struct Piece {
  TextRange range;
  std::variant<Reference, Literal, Literals, Number, Condition3> what;
};

// What a name is looked for in: the span, trace or session that the filter selects, or the element of a comprehension.
enum class Element : std::uint8_t { kSpan, kTrace, kSession, kAnnotation };

// The first mistake counts.
class Mistakes {
 public:
  std::nullopt_t Add(TextRange range, std::string message) {
    if (!first_) first_ = Mistake{range, std::move(message)};
    return std::nullopt;
  }
  [[nodiscard]] const std::optional<Mistake>& first() const { return first_; }

 private:
  std::optional<Mistake> first_;
};

inline Expression Not(Expression of) {
  Expression out{.kind = Expression::Kind::kNot};
  out.children.push_back(std::move(of));
  return out;
}

inline Expression In(Expression::Within within, Expression of) {
  Expression out{.kind = Expression::Kind::kWithin, .within = within};
  out.children.push_back(std::move(of));
  return out;
}

// Both or one of them, without brackets in brackets.
Expression Joined(Expression::Kind kind, Expression left, Expression right);

}  // namespace nightjar::query::internal
