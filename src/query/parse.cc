// query   := or
// or      := and ("or" and)*
// and     := unary (["and"] unary)*
// unary   := ("-" | "not") unary | primary
// primary := "(" or ")" | "within(" scope ":" or ")" | "has:" field | term | text
// term    := field operator (value | "(" value ("or" value)* ")" | value ".." value)
// text    := word | '"' words '"'
//
// A mistake is noted and the reading goes on behind it, so that a half-typed query is still understood around it.
#include "query/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/lower_case.h"
#include "base/utf8.h"
#include "query/internal/scanner.h"
#include "query/internal/text.h"
#include "query/internal/value.h"
#include "query/scope.h"

namespace nightjar::query {
namespace {

using internal::Scanner;
using internal::Sign;
using internal::Written;
using Kind = Expression::Kind;

// Of what is negated already, that which was: as "not not" is nothing.
Expression Negated(Expression of) {
  if (of.kind == Kind::kNot) {
    Expression plain = std::move(of.children.front());
    plain.range = of.range;
    return plain;
  }
  Expression expression{.kind = Kind::kNot, .range = of.range};
  expression.children.push_back(std::move(of));
  return expression;
}

// One child stands for itself.
Expression Joined(Kind kind, std::vector<Expression> children) {
  if (children.empty()) return {};
  if (children.size() == 1) return std::move(children.front());
  const TextRange range{children.front().range.begin, children.back().range.end};
  return {.kind = kind, .children = std::move(children), .range = range};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : scanner_(text) {}

  ParsedQuery Run() {
    if (scanner_.text().size() > kQueryBytesMax) {
      Note({kQueryBytesMax, scanner_.text().size()},
           fmt::format("the query has {} bytes, at most {} are allowed", scanner_.text().size(), kQueryBytesMax));
      return {{}, std::move(mistakes_)};
    }
    if (!IsValidUtf8(scanner_.text())) {
      Note({0, scanner_.text().size()}, "the query is not UTF-8");
      return {{}, std::move(mistakes_)};
    }
    std::vector<Expression> parts;
    while (true) {
      if (auto part = Or()) parts.push_back(*std::move(part));
      if (scanner_.at_end()) break;
      scanner_.Take(')');  // only a closing bracket ends Or() early
      Note({scanner_.at() - 1, scanner_.at()}, "this bracket was never opened");
    }
    return {Joined(Kind::kAnd, std::move(parts)), std::move(mistakes_)};
  }

 private:
  // Each of these returns nothing when there is nothing to be understood; why is noted.
  std::optional<Expression> Or() {
    std::vector<Expression> parts;
    bool had_or = false;
    while (true) {
      const std::size_t begin = scanner_.at();
      const std::size_t mistakes = mistakes_.size();
      auto part = And();
      const bool more = scanner_.TakeKeyword("or");
      if (part) {
        parts.push_back(*std::move(part));
      } else if ((more || had_or) && mistakes == mistakes_.size()) {
        Note({begin, scanner_.at()}, "\"or\" stands between two conditions");
      }
      if (!more) break;
      had_or = true;
    }
    if (parts.empty()) return std::nullopt;
    return Joined(Kind::kOr, std::move(parts));
  }

  std::optional<Expression> And() {
    std::vector<Expression> parts;
    while (true) {
      scanner_.SkipSpace();
      if (scanner_.at_end() || scanner_.next() == ')' || scanner_.IsKeyword("or")) break;
      const std::size_t begin = scanner_.at();
      if (scanner_.TakeKeyword("and")) {
        if (parts.empty()) Note({begin, scanner_.at()}, "\"and\" stands between two conditions");
        continue;
      }
      if (auto part = Unary()) parts.push_back(*std::move(part));
    }
    if (parts.empty()) return std::nullopt;
    return Joined(Kind::kAnd, std::move(parts));
  }

  std::optional<Expression> Unary() {
    const std::size_t begin = scanner_.at();
    bool negated = false;
    while (true) {
      scanner_.SkipSpace();
      if (!scanner_.TakeMinus() && !scanner_.TakeKeyword("not")) break;
      negated = !negated;
    }
    scanner_.SkipSpace();
    if (scanner_.at_end() || scanner_.next() == ')') {
      Note({begin, scanner_.at()}, "\"not\" stands before a condition");
      return std::nullopt;
    }
    auto primary = Primary();
    if (primary) primary->range.begin = begin;
    return primary && negated ? Negated(*std::move(primary)) : std::move(primary);
  }

  std::optional<Expression> Primary() {
    const std::size_t begin = scanner_.at();
    if (scanner_.Take('(')) return Bracketed(begin);
    if (scanner_.next() == '"') return Text(TakeQuoted(), begin);
    const std::string_view name = scanner_.TakeName();
    if (LowerCase(name) == "within" && scanner_.Take('(')) return Within(begin);
    if (!name.empty())
      if (const Sign* sign = scanner_.TakeSign()) {
        if (LowerCase(name) == "has" && sign->op == Operator::kEquals) return Has(begin, sign->negated);
        return TermOf(name, *sign, begin);
      }
    scanner_.GoTo(begin);
    return Text(scanner_.TakeWord(), begin);
  }

  // Behind an opening bracket.
  std::optional<Expression> Bracketed(std::size_t begin) {
    if (++depth_ > kDepthMax) {
      Note({begin, scanner_.text().size()}, fmt::format("brackets are nested deeper than {}", kDepthMax));
      scanner_.GoTo(scanner_.text().size());
      --depth_;
      return std::nullopt;
    }
    const std::size_t mistakes = mistakes_.size();
    auto inner = Or();
    --depth_;
    if (!inner && mistakes == mistakes_.size())
      Note({begin, std::min(scanner_.at() + 1, scanner_.text().size())}, "there is no condition in these brackets");
    if (!scanner_.Take(')')) Note({begin, begin + 1}, "this bracket is not closed");
    if (inner) inner->range = {begin, scanner_.at()};
    return inner;
  }

  std::optional<Expression> Within(std::size_t begin) {
    scanner_.SkipSpace();
    const std::size_t scope_begin = scanner_.at();
    const std::string scope = LowerCase(scanner_.TakeName());
    const auto found = std::ranges::find(Scopes(), scope, &Scope::word);
    scanner_.SkipSpace();
    if (found == Scopes().end() || !scanner_.Take(':')) {
      Note(
          {scope_begin, scanner_.at()},
          "within takes span:, root:, first:, last:, parent:, child:, sibling:, trace: or session: and a condition, as "
          "in within(trace: tool:search_docs)");
      Bracketed(begin);
      return std::nullopt;
    }
    auto inner = Bracketed(begin);
    if (!inner) return std::nullopt;
    Expression expression{.kind = Kind::kWithin, .within = found->within, .range = {begin, scanner_.at()}};
    expression.children.push_back(*std::move(inner));
    return expression;
  }

  // Behind "has:".
  std::optional<Expression> Has(std::size_t begin, bool negated) {
    const std::size_t name_begin = scanner_.at();
    const std::string_view name = scanner_.TakeName();
    if (name.empty() && !scanner_.at_stop()) scanner_.TakeWord();
    Term term{.field = nullptr, .key = {}, .op = Operator::kExists, .value = {}};
    if (!SetField(name, {name_begin, scanner_.at()}, term)) return std::nullopt;
    Expression expression = Counted(std::move(term), {begin, scanner_.at()});
    return negated ? Negated(std::move(expression)) : expression;
  }

  std::optional<Expression> TermOf(std::string_view name, const Sign& sign, std::size_t begin) {
    Term term{.field = nullptr, .key = {}, .op = sign.op, .value = {}};
    const std::size_t name_end = begin + name.size();
    const bool known = SetField(name, {begin, name_end}, term);
    auto expression = Values(term, begin, known);
    if (!expression || !known) return std::nullopt;
    expression->range = {begin, scanner_.at()};
    return sign.negated ? Negated(*std::move(expression)) : std::move(expression);
  }

  // What the term's field is compared with. Without a `known` field it is only stepped over.
  std::optional<Expression> Values(const Term& term, std::size_t begin, bool known) {
    if (scanner_.at_stop()) {
      if (known)
        Note({begin, scanner_.at()},
             fmt::format("say what {} is compared with, as in {}", term.field->name, term.field->example));
      return std::nullopt;
    }
    if (term.op == Operator::kEquals && scanner_.Take('(')) return Alternatives(term, begin, known);
    const std::size_t value_begin = scanner_.at();
    const Written written = TakeValue();
    if (!known) return std::nullopt;
    return Comparison(term, written, {value_begin, scanner_.at()});
  }

  // "(gpt-4o or claude*)", behind the bracket.
  std::optional<Expression> Alternatives(const Term& term, std::size_t begin, bool known) {
    std::vector<Expression> parts;
    const std::size_t mistakes = mistakes_.size();
    bool closed = false;
    while (true) {
      scanner_.SkipSpace();
      closed = scanner_.Take(')');
      if (closed || scanner_.at_end()) break;
      if (scanner_.Take('(')) {
        Note({scanner_.at() - 1, scanner_.at()},
             "values of a list stand without brackets, as in model:(gpt-4o or claude*)");
        continue;
      }
      if (scanner_.TakeKeyword("or") || scanner_.Take(',')) continue;
      const std::size_t value_begin = scanner_.at();
      const Written written = TakeValue(",");
      if (known)
        if (auto part = Comparison(term, written, {value_begin, scanner_.at()})) parts.push_back(*std::move(part));
    }
    if (!closed) Note({begin, scanner_.at()}, "the list of values is not closed by a bracket");
    if (parts.empty() && mistakes == mistakes_.size())
      Note({begin, scanner_.at()}, "there is no value in these brackets");
    if (parts.empty()) return std::nullopt;
    return Joined(Kind::kOr, std::move(parts));
  }

  std::optional<Expression> Comparison(Term term, const Written& written, TextRange range) {
    const FieldType type = term.field->type;
    const bool is_ranged = type == FieldType::kCount || type == FieldType::kMoney || type == FieldType::kDuration ||
                           type == FieldType::kTime;
    const std::size_t dots = written.text.find("..");
    if (is_ranged && term.op == Operator::kEquals && dots != std::string::npos)
      return Between(term, {written.text.substr(0, dots), false}, {written.text.substr(dots + 2), false}, range);
    if (!written.quoted && written.text == "*" && term.op == Operator::kEquals) {
      term.op = Operator::kExists;
      return Counted(std::move(term), range);
    }
    auto value = internal::ReadValue(*term.field, term.op, written);
    if (!value) {
      Note(range, std::move(value).error());
      return std::nullopt;
    }
    // A day is all of its hours.
    constexpr std::size_t kDateBytes = 10;
    if (type == FieldType::kTime && term.op == Operator::kEquals && written.text.size() == kDateBytes) {
      constexpr std::int64_t kDayNs = 86'400'000'000'000;
      return Both(term, *value, {Operator::kLess, std::get<std::int64_t>(*value) + kDayNs}, range);
    }
    term.value = *std::move(value);
    return Counted(std::move(term), range);
  }

  // "1s..5s", each end counted in.
  std::optional<Expression> Between(const Term& term, const Written& low, const Written& high, TextRange range) {
    auto from = internal::ReadValue(*term.field, Operator::kGreaterOrEqual, low);
    auto to = internal::ReadValue(*term.field, Operator::kLessOrEqual, high);
    if (!from || !to) {
      Note(range, std::move(from ? to : from).error());
      return std::nullopt;
    }
    return Both(term, *std::move(from), {Operator::kLessOrEqual, *std::move(to)}, range);
  }

  Expression Both(Term term, Value from, std::pair<Operator, Value> to, TextRange range) {
    Term upper = term;
    term.op = Operator::kGreaterOrEqual;
    term.value = std::move(from);
    std::tie(upper.op, upper.value) = std::move(to);
    std::vector<Expression> parts;
    parts.push_back(Counted(term, range));
    parts.push_back(Counted(std::move(upper), range));
    Expression both = Joined(Kind::kAnd, std::move(parts));
    if (!term.field->whole_sql.empty()) return both;
    // Of a trace, both are asked of one span.
    Expression of_span{.kind = Kind::kWithin, .within = Expression::Within::kSpan, .range = range};
    of_span.children.push_back(std::move(both));
    return of_span;
  }

  // False, and a note, when there is no such field.
  bool SetField(std::string_view name, TextRange range, Term& term) {
    for (const Field& field : Fields())
      if (field.takes_key() && name.size() >= field.name.size() &&
          LowerCase(name.substr(0, field.name.size())) == field.name) {
        term.field = &field;
        term.key = internal::Unquoted(name.substr(field.name.size()));
        if (term.key.empty()) Note(range, fmt::format("{} needs a key, as in {}", field.name, field.example));
        return !term.key.empty();
      }
    term.field = FindField(name);
    if (term.field != nullptr) return true;
    const Field* nearest = NearestField(name);
    Note(range, fmt::format("there is no field \"{}\"{}; a text to be searched for stands in quotes", name,
                            nearest != nullptr ? fmt::format(", did you mean {}", nearest->name) : ""));
    return false;
  }

  Expression Text(const Written& written, std::size_t begin) {
    Expression expression{.kind = Kind::kText, .text = written.text, .range = {begin, scanner_.at()}};
    if (written.text.empty()) Note(expression.range, "there is nothing between these quotes");
    CountTerm(expression.range);
    return expression;
  }

  Expression Counted(Term term, TextRange range) {
    CountTerm(range);
    return {.kind = Kind::kTerm, .term = std::move(term), .range = range};
  }

  void CountTerm(TextRange range) {
    if (++terms_ == kTermsMax + 1) Note(range, fmt::format("the query has more than {} conditions", kTermsMax));
  }

  Written TakeValue(std::string_view ends = {}) {
    return scanner_.next() == '"' ? TakeQuoted() : scanner_.TakeWord(ends);
  }

  Written TakeQuoted() {
    const std::size_t begin = scanner_.at();
    bool closed = false;
    Written written = scanner_.TakeQuoted(&closed);
    if (!closed) Note({begin, scanner_.at()}, "this quote is not closed");
    return written;
  }

  void Note(TextRange range, std::string message) {
    if (mistakes_.size() < kMistakesMax) mistakes_.push_back({range, std::move(message)});
  }

  Scanner scanner_;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
  std::vector<Mistake> mistakes_;
};

std::string_view SignText(Operator op) {
  switch (op) {
    case Operator::kEquals: return ":";
    case Operator::kLess: return "<";
    case Operator::kLessOrEqual: return "<=";
    case Operator::kGreater: return ">";
    case Operator::kGreaterOrEqual: return ">=";
    case Operator::kRegex: return "~";
    case Operator::kExists: return "";
  }
  return "";
}

std::string TermText(const Term& term) {
  std::string name(term.field->name);
  if (!term.key.empty()) name += internal::InQuotes(term.key);
  if (term.op == Operator::kExists) return "has:" + name;
  return name + std::string(SignText(term.op)) + internal::ValueText(*term.field, term.value);
}

}  // namespace

ParsedQuery Parse(std::string_view text) { return Parser(text).Run(); }

std::string ToText(const Expression& expression) {
  const auto joined = [&](std::string_view between) {
    std::string text;
    for (const Expression& child : expression.children) {
      const bool brackets = child.kind == Kind::kAnd || child.kind == Kind::kOr;
      text += text.empty() ? "" : between;
      text += brackets ? '(' + ToText(child) + ')' : ToText(child);
    }
    return text;
  };
  switch (expression.kind) {
    case Kind::kAll: return "";
    case Kind::kAnd: return joined(" ");
    case Kind::kOr: return joined(" or ");
    case Kind::kNot: return "not " + joined("");
    case Kind::kTerm: return TermText(expression.term);
    case Kind::kText: return internal::InQuotes(expression.text);
    case Kind::kCompare: CHECK(false);  // Parse makes none
    case Kind::kWithin: break;
  }
  const auto scope = std::ranges::find(Scopes(), expression.within, &Scope::within);
  return fmt::format("within({}: {})", scope->word, joined(""));
}

}  // namespace nightjar::query
