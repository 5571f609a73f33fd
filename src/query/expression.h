// A query as a tree: what the parsers make, and what is compiled to SQL. Values only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "query/field.h"

namespace nightjar::query {

// Bytes [begin, end) of the query's text.
struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const TextRange&) const = default;
};

enum class Operator : std::uint8_t { kEquals, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kRegex, kExists };

// The text that a field is compared with; with `glob`, * stands for any characters and \* for a star.
struct Pattern {
  std::string text;
  bool glob = false;
  bool operator==(const Pattern&) const = default;
};

// double: counts, money, and attributes' numbers. int64: nanoseconds, of a duration or since 1970.
using Value = std::variant<std::monostate, Pattern, double, std::int64_t>;

struct Term {
  const Field* field = nullptr;  // of the table
  std::string key;               // of a field that takes one
  Operator op = Operator::kEquals;
  Value value;  // nothing with kExists
  bool operator==(const Term&) const = default;
};

struct Expression {
  enum class Kind : std::uint8_t {
    kAll,     // holds always
    kAnd,     // all of `children`
    kOr,      // one of them
    kNot,     // not the only child
    kTerm,    // `term`
    kText,    // `text` occurs in the span; with `term`, whose other parts are nothing, in that attribute of it
    kWithin,  // the only child holds for a span of the same trace or session: `within`
  };
  enum class Within : std::uint8_t { kSpan, kRoot, kTrace, kSession };

  Kind kind = Kind::kAll;
  std::vector<Expression> children;
  Term term;
  std::string text;
  Within within = Within::kSpan;
  TextRange range;  // where it stands in the query; not part of what it means

  bool operator==(const Expression& other) const {
    return kind == other.kind && children == other.children && term == other.term && text == other.text &&
           within == other.within;
  }
};

}  // namespace nightjar::query
