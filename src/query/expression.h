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

struct Expression;

// A number that is made of others. What is not known makes it unknown; but a sum over nothing is 0.
struct Number {
  enum class Kind : std::uint8_t {
    kValue,      // `value`
    kField,      // `field` with `key`
    kRootField,  // that of the root, of a session that of the first root
    kOfParent,   // the only one of `of`, of the span's parent
    kPlus,       // of both `of`, as the next four
    kMinus,
    kTimes,
    kDivide,
    kRemainder,
    kCount,  // of what is counted `over`, for which `where` holds
    kSum,    // of the only one of `of`, over these
    kMin,
    kMax,
  };
  enum class Over : std::uint8_t {
    kSpans,             // of the trace or session
    kTraces,            // of the session
    kChildren,          // of the span
    kSpanAnnotations,   // of the span, or of those of the trace
    kTraceAnnotations,  // of the trace
    kSessionAnnotations,
  };
  Kind kind = Kind::kValue;
  double value = 0;
  const Field* field = nullptr;
  std::string key;
  Over over = Over::kSpans;
  std::vector<Expression> where;  // one, of kCount to kMax
  std::vector<Number> of;

  bool operator==(const Number& other) const;
};

struct Expression {
  enum class Kind : std::uint8_t {
    kAll,      // holds always
    kAnd,      // all of `children`
    kOr,       // one of them
    kNot,      // not the only child
    kTerm,     // `term`
    kText,     // `text` occurs in the span; with `term`, whose other parts are nothing, in that attribute of it
    kWithin,   // the only child holds `within`
    kCompare,  // both `numbers` are known and compare so: `term.op`
  };
  enum class Within : std::uint8_t {
    kSpan,     // for a span of the trace or session
    kRoot,     // for a root of it
    kFirst,    // for its first root
    kLast,     // for its last root
    kParent,   // for the span's parent
    kChild,    // for one of the span's children
    kSibling,  // for another child of its parent
    kTrace,
    kSession,
    kSpanAnnotation,  // for an annotation of the span, or of a span of the trace or session; terms are of
                      // AnnotationFields
    kTraceAnnotation,
    kSessionAnnotation,
  };

  Kind kind = Kind::kAll;
  std::vector<Expression> children;
  Term term;
  std::string text;
  Within within = Within::kSpan;
  std::vector<Number> numbers;
  TextRange range;  // where it stands in the query; not part of what it means

  bool operator==(const Expression& other) const {
    return kind == other.kind && children == other.children && term == other.term && text == other.text &&
           within == other.within && numbers == other.numbers;
  }
};

inline bool Number::operator==(const Number& other) const {
  return kind == other.kind && value == other.value && field == other.field && key == other.key && over == other.over &&
         where == other.where && of == other.of;
}

}  // namespace nightjar::query
