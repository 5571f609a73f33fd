#include "query/internal/phoenix_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/lower_case.h"
#include "base/time_text.h"
#include "query/internal/text.h"

namespace nightjar::query::internal {
namespace {

using Kind = Expression::Kind;

Condition3 Swapped(Condition3 condition) {
  std::swap(condition.yes, condition.no);
  return condition;
}

Expression Never() { return Not({}); }

Expression InScope(const Reference& reference, Expression of) {
  return reference.of ? In(*reference.of, std::move(of)) : std::move(of);
}

Expression Of(const Reference& reference, Operator op, Value value) {
  return InScope(reference,
                 {.kind = Kind::kTerm,
                  .term = {.field = reference.field, .key = reference.key, .op = op, .value = std::move(value)}});
}

// That there is a value. Every span has a kind and a status, "unset" too.
Expression IsKnown(const Reference& reference) {
  if (reference.field->type == FieldType::kWord) return InScope(reference, {});
  return Of(reference, Operator::kExists, {});
}

// False where it is known and not so.
Condition3 ThreeValued(const Reference& reference, Expression yes) {
  Expression no = Joined(Kind::kAnd, IsKnown(reference), Not(yes));
  return {std::move(yes), std::move(no)};
}

Operator OperatorOf(std::string_view sign) {
  if (sign == "<") return Operator::kLess;
  if (sign == "<=") return Operator::kLessOrEqual;
  if (sign == ">") return Operator::kGreater;
  if (sign == ">=") return Operator::kGreaterOrEqual;
  return Operator::kEquals;
}

std::string_view Flipped(std::string_view sign) {
  if (sign == "<") return ">";
  if (sign == "<=") return ">=";
  if (sign == ">") return "<";
  return sign == ">=" ? "<=" : sign;
}

bool IsNumber(FieldType type) {
  return type == FieldType::kCount || type == FieldType::kMoney || type == FieldType::kScore ||
         type == FieldType::kDuration;
}

class Comparer {
 public:
  Comparer(TextRange range, Mistakes& mistakes) : range_(range), mistakes_(mistakes) {}

  std::optional<Condition3> OfReference(const Reference& reference, std::string_view sign, const Literal& literal) {
    const bool negated = sign == "!=" || sign == "is not";
    std::optional<Condition3> condition;
    if (reference.is_only_searched) return Fail("only what it holds is asked, as 'refund' in any_input");
    if (literal == Literal(Scalar::kNone)) {
      if (sign != "==" && sign != "!=" && !sign.starts_with("is")) return Fail("None is neither less nor greater");
      condition = Swapped(Whether(reference));
    } else if (reference.is_parent_span) {
      return Fail("parent_span is only None or not None");
    } else if (sign.starts_with("is") && !std::holds_alternative<Scalar>(literal)) {
      return Fail("is compares with None, True and False; write ==");
    } else {
      condition = Known(reference, OperatorOf(sign), literal);
    }
    return condition && negated ? Swapped(*std::move(condition)) : condition;
  }

  std::optional<Condition3> OfNumbers(const Number& left, std::string_view sign, const Number& right) {
    const auto compared = [&](Operator op) {
      return Expression{.kind = Kind::kCompare, .term = {.op = op}, .numbers = {left, right}};
    };
    using enum Operator;
    if (sign == "==" || sign == "!=") {
      Condition3 equal{compared(kEquals), Joined(Kind::kOr, compared(kLess), compared(kGreater))};
      return sign == "==" ? equal : Swapped(std::move(equal));
    }
    if (sign == "<") return Condition3{compared(kLess), compared(kGreaterOrEqual)};
    if (sign == "<=") return Condition3{compared(kLessOrEqual), compared(kGreater)};
    if (sign == ">") return Condition3{compared(kGreater), compared(kLessOrEqual)};
    return Condition3{compared(kGreaterOrEqual), compared(kLess)};
  }

  // name in ['a', 'b'].
  std::optional<Condition3> OneOf(const Reference& reference, const Literals& literals) {
    if (reference.is_parent_span) return Fail("parent_span is only None or not None");
    if (reference.is_only_searched) return Fail("only what it holds is asked, as 'refund' in any_input");
    std::optional<Expression> any;
    for (const Literal& literal : literals) {
      std::optional<Value> value = ValueOf(reference, Operator::kEquals, literal);
      if (mistakes_.first()) return std::nullopt;
      Expression one = value ? Of(reference, Operator::kEquals, *std::move(value)) : Never();
      any = any ? Joined(Kind::kOr, *std::move(any), std::move(one)) : std::move(one);
    }
    return ThreeValued(reference, any ? *std::move(any) : Never());
  }

  // 'text' in name.
  std::optional<Condition3> Holds(const Reference& reference, const std::string& text) {
    if (reference.is_parent_span) return Fail("write 'text' in name, or name in ['a', 'b']");
    if (!reference.field->is_text()) return Fail(fmt::format("{} is not a text", reference.field->name));
    if (reference.field->name == "attributes.")
      return ThreeValued(reference, InScope(reference, {.kind = Kind::kText,
                                                        .term = {.field = reference.field, .key = reference.key},
                                                        .text = text}));
    if (text.size() > kRegexBytesMax)
      return Fail(fmt::format("the text has {} bytes, at most {} are allowed", text.size(), kRegexBytesMax));
    return ThreeValued(reference, Of(reference, Operator::kRegex, Pattern{"(?i)" + EscapedForRegex(text), false}));
  }

  std::nullopt_t Fail(std::string message) { return mistakes_.Add(range_, std::move(message)); }

 private:
  std::optional<Condition3> Known(const Reference& reference, Operator op, const Literal& literal) {
    std::optional<Value> value = ValueOf(reference, op, literal);
    if (mistakes_.first()) return std::nullopt;
    // A word or an id that there is not.
    if (!value) return ThreeValued(reference, Never());
    return ThreeValued(reference, Of(reference, op, *std::move(value)));
  }

  // Nothing, without a mistake, when nothing is equal to it.
  std::optional<Value> ValueOf(const Reference& reference, Operator op, const Literal& literal) {
    const FieldType type = reference.field->type;
    const double* number = std::get_if<double>(&literal);
    const std::string* text = std::get_if<std::string>(&literal);
    if (IsNumber(type)) {
      if (number == nullptr)
        return Fail(text != nullptr ? fmt::format("write {} instead of '{}'", *text, *text) : "this is a number");
      if (type != FieldType::kDuration) return Value(*number);
      constexpr double kNanosMax = 9e18;
      return Value(
          static_cast<std::int64_t>(std::llround(std::clamp(*number * reference.unit, -kNanosMax, kNanosMax))));
    }
    if (type == FieldType::kTime) {
      const std::optional<UnixNanos> time = text != nullptr ? ParseRfc3339(*text) : std::nullopt;
      if (!time || *time > static_cast<UnixNanos>(std::numeric_limits<std::int64_t>::max()))
        return Fail("a time is written with its offset, as '2026-01-31T12:00:00+00:00'");
      return Value(static_cast<std::int64_t>(*time));
    }
    if (type == FieldType::kAttribute) {
      if (number != nullptr) return Value(*number);
      if (op != Operator::kEquals) return Fail("only numbers are less or greater");
      if (text != nullptr) return Value(Pattern{*text, false});
      return Value(Pattern{literal == Literal(Scalar::kTrue) ? "true" : "false", false});
    }
    if (text == nullptr) return Fail(fmt::format("{} is a text", reference.field->name));
    if (op != Operator::kEquals) return Fail(fmt::format("{} is neither less nor greater", reference.field->name));
    return TextValue(*reference.field, *text);
  }

  static std::optional<Value> TextValue(const Field& field, const std::string& text) {
    if (field.type == FieldType::kWord) {
      const std::string word = LowerCase(text);
      if (std::ranges::find(field.words, word, &Word::word) == field.words.end()) return std::nullopt;
      return Value(Pattern{word, false});
    }
    if ((field.type == FieldType::kTraceId && !TraceId::FromHex(text)) ||
        (field.type == FieldType::kSpanId && !SpanId::FromHex(text)))
      return std::nullopt;
    return Value(Pattern{text, false});
  }

  const TextRange range_;
  Mistakes& mistakes_;
};

std::optional<Condition3> Contained(const Piece& left, const Piece& right, Comparer& comparer) {
  const auto* reference = std::get_if<Reference>(&left.what);
  if (const auto* list = std::get_if<Literals>(&right.what); list != nullptr && reference != nullptr)
    return comparer.OneOf(*reference, *list);
  const auto* literal = std::get_if<Literal>(&left.what);
  const std::string* text = literal != nullptr ? std::get_if<std::string>(literal) : nullptr;
  const auto* holder = std::get_if<Reference>(&right.what);
  if (text == nullptr || holder == nullptr) return comparer.Fail("write 'text' in name, or name in ['a', 'b']");
  return comparer.Holds(*holder, *text);
}

bool IsValue(const Piece& piece) {
  return std::holds_alternative<Reference>(piece.what) || std::holds_alternative<Literal>(piece.what) ||
         std::holds_alternative<Number>(piece.what);
}

}  // namespace

Expression Joined(Kind kind, Expression left, Expression right) {
  Expression out{.kind = kind};
  for (Expression* side : {&left, &right}) {
    if (side->kind == kind)
      std::ranges::move(side->children, std::back_inserter(out.children));
    else
      out.children.push_back(std::move(*side));
  }
  return out;
}

Condition3 Whether(const Reference& reference) {
  Expression has = IsKnown(reference);
  return {has, Not(has)};
}

std::optional<Condition3> Compare(const Piece& left, std::string_view sign, const Piece& right, Mistakes& mistakes) {
  Comparer comparer({left.range.begin, right.range.end}, mistakes);
  if (sign == "in" || sign == "not in") {
    std::optional<Condition3> condition = Contained(left, right, comparer);
    return condition && sign == "not in" ? Swapped(*std::move(condition)) : condition;
  }
  if (!IsValue(left) || !IsValue(right)) return comparer.Fail("a name is compared with a value");
  const auto* left_name = std::get_if<Reference>(&left.what);
  const auto* right_name = std::get_if<Reference>(&right.what);
  const auto* left_literal = std::get_if<Literal>(&left.what);
  const auto* right_literal = std::get_if<Literal>(&right.what);
  if (left_literal != nullptr && right_literal != nullptr)
    return comparer.Fail("one side is a name, such as span_kind");
  if (left_name != nullptr && right_literal != nullptr) return comparer.OfReference(*left_name, sign, *right_literal);
  if (left_literal != nullptr && right_name != nullptr)
    return comparer.OfReference(*right_name, Flipped(sign), *left_literal);
  if (sign.starts_with("is")) return comparer.Fail("is compares a name with None, True and False; write ==");
  std::optional<Number> a = NumberIn(left, mistakes);
  std::optional<Number> b = a ? NumberIn(right, mistakes) : std::nullopt;
  return b ? comparer.OfNumbers(*a, sign, *b) : std::nullopt;
}

std::optional<Number> NumberIn(const Piece& piece, Mistakes& mistakes) {
  if (const auto* number = std::get_if<Number>(&piece.what)) return *number;
  if (const auto* literal = std::get_if<Literal>(&piece.what))
    if (const double* value = std::get_if<double>(literal)) return Number{.value = *value};
  const auto* reference = std::get_if<Reference>(&piece.what);
  if (reference == nullptr || reference->is_parent_span || reference->is_only_searched ||
      reference->of == Expression::Within::kLast)
    return mistakes.Add(piece.range, "this is not a number to be reckoned with");
  const Field& field = *reference->field;
  if (!IsNumber(field.type) && field.type != FieldType::kAttribute)
    return mistakes.Add(piece.range, fmt::format("{} is not a number to be reckoned with", field.name));
  const bool of_parent = reference->of == Expression::Within::kParent;
  Number number{.kind = reference->of && !of_parent ? Number::Kind::kRootField : Number::Kind::kField,
                .field = &field,
                .key = reference->key};
  if (of_parent) {
    Number of{.kind = Number::Kind::kOfParent};
    of.of.push_back(std::move(number));
    number = std::move(of);
  }
  if (reference->unit == 1) return number;
  Number in_unit{.kind = Number::Kind::kDivide};
  in_unit.of = {std::move(number), Number{.value = reference->unit}};
  return in_unit;
}

}  // namespace nightjar::query::internal
