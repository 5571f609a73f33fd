#include "query/phoenix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/check.h"
#include "base/ids.h"
#include "base/lower_case.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "query/internal/phoenix_names.h"
#include "query/internal/python_scanner.h"
#include "query/internal/text.h"

namespace nightjar::query {
namespace {

using internal::kSpanNames;
using internal::kTraceNames;
using internal::Name;
using internal::PythonToken;
using Kind = Expression::Kind;

// When a condition is true, and when it is false; elsewhere it is neither.
struct Condition3 {
  Expression yes;
  Expression no;
};

enum class Scalar : std::uint8_t { kNone, kTrue, kFalse };
using Literal = std::variant<Scalar, double, std::string>;

// What a name stands for.
struct Reference {
  const Field* field = nullptr;
  std::string key;
  double unit = 1;       // what 1 is in the field's own unit
  bool of_root = false;  // at trace grain: of the trace's root
  bool is_parent_span = false;
};

// A value of the expression: a literal, a list of them, or a name.
struct Operand {
  std::optional<Reference> reference;
  std::optional<Literal> literal;
  std::optional<std::vector<Literal>> list;
};

Expression Not(Expression of) {
  Expression out{.kind = Kind::kNot};
  out.children.push_back(std::move(of));
  return out;
}

Expression Never() { return Not({}); }

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

class Parser {
 public:
  Parser(std::string_view text, Grain grain) : text_(text), grain_(grain) {}

  ParsedQuery Run() {
    if (text_.size() > kQueryBytesMax)
      Fail({kQueryBytesMax, text_.size()},
           fmt::format("the filter has {} bytes, at most {} are allowed", text_.size(), kQueryBytesMax));
    else if (!IsValidUtf8(text_))
      Fail({0, text_.size()}, "the filter is not UTF-8");
    if (mistake_) return {{}, {*mistake_}};
    tokens_ = internal::PythonTokens(text_, mistake_);
    if (mistake_) return {{}, {*mistake_}};
    if (At().kind == PythonToken::Kind::kEnd) return {};
    std::optional<Condition3> condition = Or();
    if (condition && At().kind != PythonToken::Kind::kEnd)
      Fail(At().range, fmt::format("\"{}\" does not belong here", At().text));
    if (mistake_) return {{}, {*mistake_}};
    condition->yes.range = {0, text_.size()};
    return {std::move(condition->yes), {}};
  }

 private:
  // Each of these returns nothing after a mistake; the first one counts.
  std::optional<Condition3> Or() { return Chain("or", Kind::kOr, &Parser::And); }
  std::optional<Condition3> And() { return Chain("and", Kind::kAnd, &Parser::Unary); }

  std::optional<Condition3> Chain(std::string_view word, Kind kind, std::optional<Condition3> (Parser::*part)()) {
    std::optional<Condition3> left = (this->*part)();
    while (left && TakeName(word)) {
      std::optional<Condition3> right = (this->*part)();
      if (!right) return std::nullopt;
      const Kind other = kind == Kind::kAnd ? Kind::kOr : Kind::kAnd;
      left = Condition3{Joined(kind, std::move(left->yes), std::move(right->yes)),
                        Joined(other, std::move(left->no), std::move(right->no))};
    }
    return left;
  }

  std::optional<Condition3> Unary() {
    bool negated = false;
    while (TakeName("not")) negated = !negated;
    std::optional<Condition3> condition = Comparison();
    if (condition && negated) std::swap(condition->yes, condition->no);
    return condition;
  }

  // A condition in brackets, or operands with signs between them.
  std::optional<Condition3> Comparison() {
    const TextRange begin = At().range;
    if (IsSign("(")) {
      if (++depth_ > kDepthMax) return Fail(begin, fmt::format("brackets are nested deeper than {}", kDepthMax));
      ++next_;
      std::optional<Condition3> inner = Or();
      --depth_;
      if (inner && !TakeSign(")")) return Fail(begin, "this bracket is not closed");
      return inner;
    }
    std::optional<Operand> left = TakeOperand();
    if (!left) return std::nullopt;
    std::optional<Condition3> all;
    while (true) {
      const TextRange at = At().range;
      const std::string sign = TakeComparison();
      if (sign.empty()) break;
      std::optional<Operand> right = TakeOperand();
      if (!right) return std::nullopt;
      std::optional<Condition3> one = Compare(*left, sign, *right, {begin.begin, tokens_[next_ - 1].range.end});
      if (!one) return std::nullopt;
      if (++terms_ > kTermsMax) return Fail(at, fmt::format("the filter has more than {} conditions", kTermsMax));
      if (all)
        all = Condition3{Joined(Kind::kAnd, std::move(all->yes), std::move(one->yes)),
                         Joined(Kind::kOr, std::move(all->no), std::move(one->no))};
      else
        all = std::move(one);
      left = std::move(right);
    }
    if (all) return all;
    if (left->reference && left->reference->field != nullptr && left->reference->field->is_annotation())
      return Whether(*left->reference);
    return Fail({begin.begin, tokens_[next_ - 1].range.end},
                "this is a value; compare it with something, as in name == 'chat'");
  }

  // "==", "in", "not in", "is", "is not" …; "" for none.
  std::string TakeComparison() {
    const PythonToken& token = At();
    if (token.kind == PythonToken::Kind::kName) {
      if (TakeName("in")) return "in";
      if (TakeName("is")) return TakeName("not") ? "is not" : "is";
      if (token.text == "not" && tokens_[next_ + 1].text == "in") {
        next_ += 2;
        return "not in";
      }
      return "";
    }
    if (token.kind != PythonToken::Kind::kSign) return "";
    for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"})
      if (TakeSign(sign)) return std::string(sign);
    for (const std::string_view sign : {"+", "-", "*", "/", "%", "**", "//"})
      if (token.text == sign) Fail(token.range, "arithmetic is not supported");
    return "";
  }

  std::optional<Operand> TakeOperand() {
    const PythonToken token = At();
    if (IsSign("[") || IsSign("(")) return TakeList(token.text == "[" ? "]" : ")");
    if (token.kind == PythonToken::Kind::kName && token.text != "None" && token.text != "True" &&
        token.text != "False") {
      const bool is_cast =
          (token.text == "float" || token.text == "int" || token.text == "str") && tokens_[next_ + 1].text == "(";
      if (!is_cast) return TakeReference();
      next_ += 2;
      std::optional<Operand> inner = TakeOperand();
      if (inner && !TakeSign(")")) return Fail(token.range, fmt::format("{}( is not closed", token.text));
      return inner;
    }
    std::optional<Literal> literal = TakeLiteral();
    if (!literal) return std::nullopt;
    return Operand{.literal = std::move(literal)};
  }

  std::optional<Literal> TakeLiteral() {
    const bool negative = IsSign("-") && tokens_[next_ + 1].kind == PythonToken::Kind::kNumber;
    if (negative) ++next_;
    const PythonToken token = At();
    if (token.kind == PythonToken::Kind::kEnd) return Fail(token.range, "a value is missing here");
    ++next_;
    if (token.kind == PythonToken::Kind::kNumber) return Literal(negative ? -token.number : token.number);
    if (token.kind == PythonToken::Kind::kText) return Literal(token.text);
    if (token.text == "None") return Literal(Scalar::kNone);
    if (token.text == "True") return Literal(Scalar::kTrue);
    if (token.text == "False") return Literal(Scalar::kFalse);
    return Fail(token.range, fmt::format("\"{}\" is not a value", token.text));
  }

  std::optional<Operand> TakeList(std::string_view end) {
    const TextRange begin = At().range;
    ++next_;
    Operand operand{.list = std::vector<Literal>()};
    while (!TakeSign(end)) {
      std::optional<Literal> item = TakeLiteral();
      if (!item) return std::nullopt;
      if (*item == Literal(Scalar::kNone)) return Fail(begin, "a list holds no None");
      if (!operand.list->empty() && operand.list->front().index() != item->index())
        return Fail(begin, "the values of a list are all texts, or all numbers");
      operand.list->push_back(*std::move(item));
      if (operand.list->size() > kTermsMax) return Fail(begin, fmt::format("a list has at most {} values", kTermsMax));
      if (!TakeSign(",") && !IsSign(end)) return Fail(begin, "this list is not closed");
    }
    return operand;
  }

  // A dotted name, with ['keys'] behind it.
  std::optional<Operand> TakeReference() {
    const TextRange begin = At().range;
    std::string name = At().text;
    ++next_;
    std::vector<std::string> keys;
    std::string member;
    while (IsSign(".") || IsSign("[")) {
      if (TakeSign(".")) {
        if (At().kind != PythonToken::Kind::kName) return Fail(At().range, "a name stands behind a dot");
        (keys.empty() ? name += '.' : member) += At().text;
        ++next_;
        continue;
      }
      ++next_;
      const bool nested = TakeSign("[");
      while (At().kind == PythonToken::Kind::kText) {
        keys.push_back(At().text);
        ++next_;
        if (!nested || !TakeSign(",")) break;
      }
      if (!TakeSign("]") || (nested && !TakeSign("]")) || keys.empty())
        return Fail(At().range, "in square brackets stands a text, as in metadata['topic']");
    }
    if (IsSign("(")) return Fail(begin, fmt::format("{}() is not supported", name));
    std::string key;
    for (const std::string& part : keys) key += (key.empty() ? "" : ".") + part;
    return Resolve(name, key, member, {begin.begin, tokens_[next_ - 1].range.end});
  }

  std::optional<Operand> Resolve(const std::string& name, const std::string& key, const std::string& member,
                                 TextRange range) {
    Reference out;
    const bool of_trace = grain_ == Grain::kTrace;
    const bool annotated = name == "annotations" || name == "evals" || name == "trace_annotations";
    if (annotated && !key.empty()) {
      if (member == "explanation") return Fail(range, "explanations are not compared; ask for score or label");
      out.field = FindField(member == "score" ? "score." : "annotation.");
      out.key = key;
      return Operand{.reference = std::move(out)};
    }
    if (!member.empty()) return Fail(range, fmt::format("\".{}\" does not belong here", member));
    out.of_root = of_trace;
    if (name == "metadata" || name == "attributes") {
      if (key.empty()) return Fail(range, fmt::format("{} needs a key, as in {}['topic']", name, name));
      out.field = FindField(name + ".");
      out.key = key;
      return Operand{.reference = std::move(out)};
    }
    if (name == "parent_span" && !of_trace) {
      out.is_parent_span = true;
      return Operand{.reference = std::move(out)};
    }
    const auto find = [&](const auto& names) {
      const auto found = std::ranges::find(names, name, &Name::name);
      return found == std::end(names) ? nullptr : &*found;
    };
    if (const Name* known = of_trace ? find(kTraceNames) : find(kSpanNames); known != nullptr && key.empty()) {
      out.field = FindField(known->field);
      out.unit = known->unit;
      out.of_root = false;
      return Operand{.reference = std::move(out)};
    }
    for (const std::string_view other :
         {"end_time", "cumulative_", "prompt_cost", "completion_cost", "tool_span_count", "llm_span_count"})
      if (name.starts_with(other)) return Fail(range, fmt::format("{} is not supported", name));
    if (of_trace && name != "input" && name != "output")
      return Fail(range, fmt::format("a trace has no \"{}\"; attributes of its root are attributes['{}']", name, name));
    out.field = FindField("attributes.");
    out.key = of_trace ? name + ".value" : key.empty() ? name : name + '.' + key;
    return Operand{.reference = std::move(out)};
  }

  std::optional<Condition3> Compare(const Operand& left, const std::string& sign, const Operand& right,
                                    TextRange range) {
    if (sign == "in" || sign == "not in") {
      std::optional<Condition3> condition = Contained(left, right, range);
      if (condition && sign == "not in") std::swap(condition->yes, condition->no);
      return condition;
    }
    if (!left.reference && right.reference) return Compare(right, Flipped(sign), left, range);
    if (!left.reference) return Fail(range, "one side is a name, such as span_kind");
    if (!right.literal) return Fail(range, "a name is compared with a value");
    return OfReference(*left.reference, sign, *right.literal, range);
  }

  static std::string Flipped(const std::string& sign) {
    if (sign.starts_with('<')) return '>' + sign.substr(1);
    return sign.starts_with('>') ? '<' + sign.substr(1) : sign;
  }

  std::optional<Condition3> OfReference(const Reference& reference, const std::string& sign, const Literal& literal,
                                        TextRange range) {
    const bool negated = sign == "!=" || sign == "is not";
    std::optional<Condition3> condition;
    if (literal == Literal(Scalar::kNone)) {
      if (sign != "==" && sign != "!=" && !sign.starts_with("is"))
        return Fail(range, "None is neither less nor greater");
      condition = Whether(reference);
      std::swap(condition->yes, condition->no);
    } else if (reference.is_parent_span) {
      return Fail(range, "parent_span is only None or not None");
    } else if (sign.starts_with("is") && !std::holds_alternative<Scalar>(literal)) {
      return Fail(range, "is compares with None, True and False; write ==");
    } else {
      condition = Known(reference, sign, literal, range);
    }
    if (condition && negated) std::swap(condition->yes, condition->no);
    return condition;
  }

  Condition3 Whether(const Reference& reference) {
    Reference of = reference;
    if (of.is_parent_span) of.field = FindField("parent");
    Expression has = Of(of, Operator::kExists, {});
    return {has, Not(has)};
  }

  Expression Of(const Reference& reference, Operator op, Value value) const {
    return InScope(reference,
                   {.kind = Kind::kTerm,
                    .term = {.field = reference.field, .key = reference.key, .op = op, .value = std::move(value)}});
  }

  static Expression InScope(const Reference& reference, Expression of) {
    if (!reference.of_root) return of;
    Expression out{.kind = Kind::kWithin, .within = Expression::Within::kRoot};
    out.children.push_back(std::move(of));
    return out;
  }

  // False where it is known and not so.
  Condition3 ThreeValued(const Reference& reference, Expression yes) const {
    // Every span has a kind and a status.
    Expression no = reference.field->type == FieldType::kWord
                        ? Not(yes)
                        : Joined(Kind::kAnd, Of(reference, Operator::kExists, {}), Not(yes));
    return {std::move(yes), std::move(no)};
  }

  std::optional<Condition3> Known(const Reference& reference, const std::string& sign, const Literal& literal,
                                  TextRange range) {
    const Operator op = sign == "<"    ? Operator::kLess
                        : sign == "<=" ? Operator::kLessOrEqual
                        : sign == ">"  ? Operator::kGreater
                        : sign == ">=" ? Operator::kGreaterOrEqual
                                       : Operator::kEquals;
    std::optional<Value> value = ValueOf(reference, op, literal, range);
    if (mistake_) return std::nullopt;
    // A word or an id that there is not.
    if (!value) return ThreeValued(reference, Never());
    return ThreeValued(reference, Of(reference, op, *std::move(value)));
  }

  // Nothing, without a mistake, when nothing is equal to it.
  std::optional<Value> ValueOf(const Reference& reference, Operator op, const Literal& literal, TextRange range) {
    const FieldType type = reference.field->type;
    const double* number = std::get_if<double>(&literal);
    const std::string* text = std::get_if<std::string>(&literal);
    const bool is_number = type == FieldType::kCount || type == FieldType::kMoney || type == FieldType::kScore ||
                           type == FieldType::kDuration;
    if (is_number) {
      if (number == nullptr)
        return Fail(range,
                    text != nullptr ? fmt::format("write {} instead of '{}'", *text, *text) : "this is a number");
      if (type != FieldType::kDuration) return Value(*number);
      constexpr double kNanosMax = 9e18;
      return Value(
          static_cast<std::int64_t>(std::llround(std::clamp(*number * reference.unit, -kNanosMax, kNanosMax))));
    }
    if (type == FieldType::kTime) {
      const std::optional<UnixNanos> time = text != nullptr ? ParseRfc3339(*text) : std::nullopt;
      if (!time || *time > static_cast<UnixNanos>(std::numeric_limits<std::int64_t>::max()))
        return Fail(range, "a time is written with its offset, as '2026-01-31T12:00:00+00:00'");
      return Value(static_cast<std::int64_t>(*time));
    }
    if (type == FieldType::kAttribute) {
      if (number != nullptr) return Value(*number);
      if (op != Operator::kEquals) return Fail(range, "only numbers are less or greater");
      if (text != nullptr) return Value(Pattern{*text, false});
      return Value(Pattern{literal == Literal(Scalar::kTrue) ? "true" : "false", false});
    }
    if (text == nullptr) return Fail(range, fmt::format("{} is a text", reference.field->name));
    if (op != Operator::kEquals)
      return Fail(range, fmt::format("{} is neither less nor greater", reference.field->name));
    if (type == FieldType::kWord) {
      const std::string word = LowerCase(*text);
      if (std::ranges::find(reference.field->words, word, &Word::word) == reference.field->words.end())
        return std::nullopt;
      return Value(Pattern{word, false});
    }
    if ((type == FieldType::kTraceId && !TraceId::FromHex(*text)) ||
        (type == FieldType::kSpanId && !SpanId::FromHex(*text)))
      return std::nullopt;
    return Value(Pattern{*text, false});
  }

  // 'text' in name; name in ['a', 'b'].
  std::optional<Condition3> Contained(const Operand& left, const Operand& right, TextRange range) {
    if (left.reference && right.list) {
      if (left.reference->is_parent_span) return Fail(range, "parent_span is only None or not None");
      std::optional<Expression> any;
      for (const Literal& literal : *right.list) {
        std::optional<Value> value = ValueOf(*left.reference, Operator::kEquals, literal, range);
        if (mistake_) return std::nullopt;
        Expression one = value ? Of(*left.reference, Operator::kEquals, *std::move(value)) : Never();
        any = any ? Joined(Kind::kOr, *std::move(any), std::move(one)) : std::move(one);
        if (++terms_ > kTermsMax) return Fail(range, fmt::format("the filter has more than {} conditions", kTermsMax));
      }
      return ThreeValued(*left.reference, any ? *std::move(any) : Never());
    }
    const std::string* text = left.literal ? std::get_if<std::string>(&*left.literal) : nullptr;
    if (text == nullptr || !right.reference || right.reference->is_parent_span)
      return Fail(range, "write 'text' in name, or name in ['a', 'b']");
    const Reference& reference = *right.reference;
    if (!reference.field->is_text()) return Fail(range, fmt::format("{} is not a text", reference.field->name));
    if (reference.field->name == "attributes.")
      return ThreeValued(reference, InScope(reference, {.kind = Kind::kText,
                                                        .term = {.field = reference.field, .key = reference.key},
                                                        .text = *text}));
    if (text->size() > kRegexBytesMax)
      return Fail(range, fmt::format("the text has {} bytes, at most {} are allowed", text->size(), kRegexBytesMax));
    std::string regex = "(?i)";
    for (const char c : *text) {
      const bool plain = internal::IsLetter(c) || internal::IsDigit(c) || static_cast<unsigned char>(c) >= 0x80;
      (regex += plain ? "" : "\\") += c;
    }
    return ThreeValued(reference, Of(reference, Operator::kRegex, Pattern{std::move(regex), false}));
  }

  [[nodiscard]] const PythonToken& At() const { return tokens_[next_]; }
  [[nodiscard]] bool IsSign(std::string_view sign) const {
    return At().kind == PythonToken::Kind::kSign && At().text == sign;
  }
  bool TakeSign(std::string_view sign) {
    const bool is_it = IsSign(sign);
    next_ += is_it ? 1 : 0;
    return is_it;
  }
  bool TakeName(std::string_view name) {
    const bool is_it = At().kind == PythonToken::Kind::kName && At().text == name;
    next_ += is_it ? 1 : 0;
    return is_it;
  }

  std::nullopt_t Fail(TextRange range, std::string message) {
    if (!mistake_) mistake_ = Mistake{range, std::move(message)};
    return std::nullopt;
  }

  const std::string_view text_;
  const Grain grain_;
  std::vector<PythonToken> tokens_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
  std::optional<Mistake> mistake_;
};

}  // namespace

ParsedQuery ParsePhoenix(std::string_view text, Grain grain) {
  CHECK(grain != Grain::kSession);
  return Parser(text, grain).Run();
}

}  // namespace nightjar::query
