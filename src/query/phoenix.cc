#include "query/phoenix.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/utf8.h"
#include "query/internal/phoenix_compare.h"
#include "query/internal/phoenix_cursor.h"
#include "query/internal/phoenix_names.h"
#include "query/internal/phoenix_parts.h"
#include "query/internal/python_scanner.h"

namespace nightjar::query {
namespace {

using internal::Condition3;
using internal::Element;
using internal::In;
using internal::Joined;
using internal::Literal;
using internal::Literals;
using internal::Not;
using internal::Piece;
using internal::PythonToken;
using internal::Reference;
using Kind = Expression::Kind;
using Within = Expression::Within;

constexpr std::string_view kFunctions[] = {"any", "all", "len", "max", "min", "sum"};
constexpr std::string_view kKeywords[] = {"and", "or", "not", "in", "is", "for", "if", "else", "lambda"};
constexpr std::string_view kCasts[] = {"float", "int", "str"};

template <typename Words>
bool Has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

// What a comprehension runs over.
struct Iterable {
  Element element = Element::kSpan;
  Within within = Within::kSpan;
  std::optional<Number::Over> over;  // what len, sum, min and max ask; nothing: they cannot
};

// "… for span in spans if …"
struct Comprehension {
  std::size_t begin = 0;  // the token before "for" that it is about
  std::size_t end = 0;    // the token behind it all
  std::string variable;
  Iterable iterable;
  Expression where;  // all without an "if"
};

Element ElementOf(Grain grain) {
  return grain == Grain::kSpan ? Element::kSpan : grain == Grain::kTrace ? Element::kTrace : Element::kSession;
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
    if (mistakes_.first()) return {{}, {*mistakes_.first()}};
    std::optional<Mistake> mistake;
    cursor_.Begin(internal::PythonTokens(text_, mistake));
    if (mistake) return {{}, {*std::move(mistake)}};
    if (cursor_.at_end()) return {};
    std::optional<Piece> whole = Or();
    if (whole && !cursor_.at_end()) Fail(At().range, fmt::format("\"{}\" does not belong here", Written(At())));
    std::optional<Condition3> condition;
    if (whole && !mistakes_.first()) condition = AsCondition(*std::move(whole));
    if (mistakes_.first()) return {{}, {*mistakes_.first()}};
    condition->yes.range = {0, text_.size()};
    return {std::move(condition->yes), {}};
  }

 private:
  using Parse = std::optional<Piece> (Parser::*)();

  // Each of these returns nothing after a mistake.
  std::optional<Piece> Or() { return Chain("or", Kind::kOr, &Parser::And); }
  std::optional<Piece> And() { return Chain("and", Kind::kAnd, &Parser::Negation); }

  std::optional<Piece> Chain(std::string_view word, Kind kind, Parse part) {
    std::optional<Piece> left = (this->*part)();
    while (left && cursor_.TakeName(word)) {
      std::optional<Piece> right = (this->*part)();
      if (!right) return std::nullopt;
      const TextRange range{left->range.begin, right->range.end};
      std::optional<Condition3> a = AsCondition(*std::move(left));
      std::optional<Condition3> b = a ? AsCondition(*std::move(right)) : std::nullopt;
      if (!b) return std::nullopt;
      const Kind other = kind == Kind::kAnd ? Kind::kOr : Kind::kAnd;
      left = Piece{range, Condition3{Joined(kind, std::move(a->yes), std::move(b->yes)),
                                     Joined(other, std::move(a->no), std::move(b->no))}};
    }
    return left;
  }

  std::optional<Piece> Negation() {
    const std::size_t begin = At().range.begin;
    std::size_t count = 0;
    while (cursor_.TakeName("not")) ++count;
    std::optional<Piece> piece = Comparison();
    if (!piece || count == 0) return piece;
    std::optional<Condition3> condition = AsCondition(*std::move(piece));
    if (!condition) return std::nullopt;
    if (count % 2 == 1) std::swap(condition->yes, condition->no);
    return Piece{{begin, EndBefore()}, *std::move(condition)};
  }

  // Values with signs between them, each of which holds.
  std::optional<Piece> Comparison() {
    std::optional<Piece> left = Sum();
    std::optional<Condition3> all;
    const std::size_t begin = left ? left->range.begin : 0;
    while (left) {
      const TextRange at = At().range;
      const std::string sign = cursor_.TakeComparison();
      if (sign.empty()) break;
      std::optional<Piece> right = Sum();
      if (!right) return std::nullopt;
      std::optional<Condition3> one = internal::Compare(*left, sign, *right, mistakes_);
      if (!one || !CountTerms(at, right->what)) return std::nullopt;
      all = all ? Condition3{Joined(Kind::kAnd, std::move(all->yes), std::move(one->yes)),
                             Joined(Kind::kOr, std::move(all->no), std::move(one->no))}
                : *std::move(one);
      left = std::move(right);
    }
    if (!left || !all) return left;
    return Piece{{begin, EndBefore()}, *std::move(all)};
  }

  // A list counts as many conditions as it has values.
  bool CountTerms(TextRange at, const auto& what) {
    const auto* list = std::get_if<Literals>(&what);
    terms_ += list == nullptr ? 1 : std::max<std::size_t>(1, list->size());
    if (terms_ > kTermsMax) Fail(at, fmt::format("the filter has more than {} conditions", kTermsMax));
    return terms_ <= kTermsMax;
  }

  std::optional<Piece> Sum() {
    using enum Number::Kind;
    return Reckoned({{"+", kPlus}, {"-", kMinus}}, &Parser::Product);
  }
  std::optional<Piece> Product() {
    using enum Number::Kind;
    return Reckoned({{"*", kTimes}, {"/", kDivide}, {"%", kRemainder}}, &Parser::Signed);
  }

  std::optional<Piece> Reckoned(std::initializer_list<std::pair<std::string_view, Number::Kind>> signs, Parse part) {
    std::optional<Piece> left = (this->*part)();
    while (left) {
      const auto sign = std::ranges::find_if(signs, [&](const auto& entry) { return cursor_.TakeSign(entry.first); });
      if (sign == signs.end()) break;
      const TextRange at = cursor_.last_range();
      std::optional<Piece> right = (this->*part)();
      if (!right || !CountTerms(at, right->what)) return std::nullopt;
      left = Combined(sign->second, *left, *right);
    }
    return left;
  }

  std::optional<Piece> Combined(Number::Kind kind, const Piece& left, const Piece& right) {
    std::optional<Number> a = internal::NumberIn(left, mistakes_);
    std::optional<Number> b = a ? internal::NumberIn(right, mistakes_) : std::nullopt;
    if (!b) return std::nullopt;
    Number number{.kind = kind};
    number.of = {*std::move(a), *std::move(b)};
    return Piece{{left.range.begin, right.range.end}, std::move(number)};
  }

  // Minuses and pluses before a value.
  std::optional<Piece> Signed() {
    const TextRange begin = At().range;
    bool negative = false;
    bool any = false;
    for (; cursor_.IsSign("-") || cursor_.IsSign("+"); cursor_.Skip()) {
      negative = negative != cursor_.IsSign("-");
      any = true;
    }
    for (const std::string_view sign : {"**", "//", "<<", ">>", ":=", "~"})
      if (cursor_.IsSign(sign)) return Fail(At().range, fmt::format("\"{}\" is not supported", sign));
    std::optional<Piece> piece = Primary();
    for (const std::string_view sign : {"**", "//", "|", "&", "^", "<<", ">>", ":="})
      if (piece && cursor_.IsSign(sign)) return Fail(At().range, fmt::format("\"{}\" is not supported", sign));
    if (!piece || !any) return piece;
    if (auto* literal = std::get_if<Literal>(&piece->what))
      if (double* number = std::get_if<double>(literal)) {
        if (negative) *number = -*number;
        piece->range.begin = begin.begin;
        return piece;
      }
    return Combined(negative ? Number::Kind::kMinus : Number::Kind::kPlus, Piece{begin, Literal(0.0)}, *piece);
  }

  std::optional<Piece> Primary() {
    const PythonToken token = At();
    if (cursor_.at_end()) return Fail(token.range, "a value is missing here");
    if (cursor_.IsSign("[")) return cursor_.TakeList("]", {});
    if (cursor_.IsSign("(")) return Bracketed();
    const bool is_literal = token.text == "None" || token.text == "True" || token.text == "False";
    if (cursor_.IsName() && Has(kKeywords, token.text))
      return Fail(token.range, fmt::format("\"{}\" is not a value", token.text));
    if (!cursor_.IsName() || is_literal) {
      std::optional<Literal> literal = cursor_.TakeLiteral();
      return literal ? std::optional(Piece{token.range, *std::move(literal)}) : std::nullopt;
    }
    const bool is_call = cursor_.Behind().kind == PythonToken::Kind::kSign && cursor_.Behind().text == "(";
    if (is_call && Has(kCasts, token.text)) return Cast();
    if (is_call && Has(kFunctions, token.text)) return Function();
    return TakeReference();
  }

  // A condition or a value in brackets, or a list.
  std::optional<Piece> Bracketed() {
    const TextRange begin = At().range;
    if (!Enter(begin)) return std::nullopt;
    cursor_.Skip();
    std::optional<Piece> inner = Or();
    --depth_;
    if (inner && cursor_.IsSign(",")) return cursor_.TakeList(")", inner);
    if (inner && !cursor_.TakeSign(")")) return Fail(begin, "this bracket is not closed");
    if (inner) inner->range = {begin.begin, EndBefore()};
    return inner;
  }

  // float(x), int(x) and str(x) are x.
  std::optional<Piece> Cast() {
    const PythonToken token = At();
    if (!Enter(token.range)) return std::nullopt;
    cursor_.GoTo(cursor_.at() + 2);
    std::optional<Piece> inner = Sum();
    --depth_;
    if (inner && !cursor_.TakeSign(")")) return Fail(token.range, fmt::format("{}( is not closed", token.text));
    return inner;
  }

  std::optional<Piece> TakeReference() {
    std::optional<internal::WrittenName> written = cursor_.TakeWrittenName();
    return written ? Resolved(*std::move(written)) : std::nullopt;
  }

  std::optional<Piece> Resolved(internal::WrittenName written) {
    if (variables_.empty()) return MeaningOf(written, ElementOf(grain_), mistakes_);
    const auto& [variable, element] = variables_.back();
    const std::string first = written.name.substr(0, written.name.find('.'));
    if (first != variable)
      return Fail(written.range, fmt::format("here only \"{}\" is asked, as in {}.name", variable, variable));
    if (first.size() == written.name.size())
      return Fail(written.range, fmt::format("say what of \"{}\" is asked, as in {}.name", variable, variable));
    written.name.erase(0, first.size() + 1);
    constexpr std::string_view kParent = "parent_span.";
    const bool of_parent = element == Element::kSpan && written.name.starts_with(kParent);
    if (of_parent) written.name.erase(0, kParent.size());
    std::optional<Piece> piece = MeaningOf(written, element, mistakes_);
    if (!piece || !of_parent) return piece;
    auto* reference = std::get_if<Reference>(&piece->what);
    if (reference == nullptr || reference->is_parent_span)
      return Fail(written.range, "of a parent its own fields are asked, as in parent_span.span_kind");
    reference->of = Within::kParent;
    return piece;
  }

  // any(…), all(…), len([…]), max(…), min(…), sum(…)
  std::optional<Piece> Function() {
    const PythonToken token = At();
    if (grain_ == Grain::kSpan)
      return Fail(token.range, fmt::format("{}() is for lists of traces and sessions", token.text));
    if (!Enter(token.range)) return std::nullopt;
    cursor_.GoTo(cursor_.at() + 2);
    const bool in_list = cursor_.TakeSign("[");
    if (!in_list && token.text == "len")
      return Fail(At().range, "len counts a list, as in len([span for span in spans])");
    std::optional<Comprehension> over = TakeFor();
    if (!over) return std::nullopt;
    std::optional<Piece> result =
        token.text == "any" || token.text == "all" ? Quantified(*over, token.text == "any") : Aggregated(*over, token);
    --depth_;
    if (!result) return std::nullopt;
    if ((in_list && !cursor_.TakeSign("]")) || !cursor_.TakeSign(")"))
      return Fail(token.range, fmt::format("{}( is not closed", token.text));
    result->range = {token.range.begin, EndBefore()};
    return result;
  }

  // Reads "for … in … if …", which stands behind what it is about, and goes back to that.
  std::optional<Comprehension> TakeFor() {
    Comprehension over{.begin = cursor_.at()};
    const TextRange begin = At().range;
    int open = 0;
    for (; !cursor_.at_end(); cursor_.Skip()) {
      if (cursor_.IsSign("(") || cursor_.IsSign("[")) ++open;
      if ((cursor_.IsSign(")") || cursor_.IsSign("]")) && open-- == 0) break;
      if (open == 0 && cursor_.IsName("for")) break;
    }
    if (!cursor_.TakeName("for")) return Fail(begin, "write it as in span.latency_ms > 100 for span in spans");
    over.variable = At().text;
    if (!cursor_.IsName() || over.variable == "in") return Fail(At().range, "a name stands behind for");
    cursor_.Skip();
    if (!cursor_.TakeName("in")) return Fail(At().range, "\"in\" stands here");
    const std::optional<Iterable> iterable = TakeIterable();
    if (!iterable) return std::nullopt;
    over.iterable = *iterable;
    if (cursor_.TakeName("if")) {
      std::optional<Condition3> where = InElement(over, [&] { return Or(); });
      if (!where) return std::nullopt;
      over.where = std::move(where->yes);
    }
    if (cursor_.IsName("for")) return Fail(At().range, "a comprehension has one for; put another inside");
    over.end = cursor_.at();
    cursor_.GoTo(over.begin);
    return over;
  }

  // Its name, without the variable that it belongs to.
  std::optional<std::string> TakeIterableName() {
    const TextRange begin = At().range;
    if (!cursor_.IsName()) return Fail(begin, "a name stands behind in, as in for span in spans");
    std::string name = At().text;
    cursor_.Skip();
    while (cursor_.TakeSign(".") && cursor_.IsName()) {
      name += '.' + At().text;
      cursor_.Skip();
    }
    if (variables_.empty()) return name;
    const std::string& variable = variables_.back().first;
    if (!name.starts_with(variable + '.'))
      return Fail(begin, fmt::format("here only what \"{0}\" has is run through, as in {0}.children", variable));
    return name.substr(variable.size() + 1);
  }

  std::optional<Iterable> TakeIterable() {
    const TextRange begin = At().range;
    const std::optional<std::string> name = TakeIterableName();
    if (!name) return std::nullopt;
    const bool top = variables_.empty();
    const Element of = top ? ElementOf(grain_) : variables_.back().second;
    if (name == "spans" && (top || of == Element::kTrace))
      return Iterable{Element::kSpan, Within::kSpan, Number::Over::kSpans};
    if (name == "traces" && of == Element::kSession)
      return Iterable{Element::kTrace, Within::kTrace, Number::Over::kTraces};
    if (name == "children" && of == Element::kSpan)
      return Iterable{Element::kSpan, Within::kChild, Number::Over::kChildren};
    if (name == "siblings" && of == Element::kSpan) return Iterable{Element::kSpan, Within::kSibling};
    if (name == (top ? "span_annotations" : "annotations") && (top || of == Element::kSpan))
      return Iterable{Element::kAnnotation, Within::kSpanAnnotation, Number::Over::kSpanAnnotations};
    if (name == "trace_annotations" && top)
      return Iterable{Element::kAnnotation, Within::kTraceAnnotation, Number::Over::kTraceAnnotations};
    if (name == "session_annotations" && of == Element::kSession)
      return Iterable{Element::kAnnotation, Within::kSessionAnnotation, Number::Over::kSessionAnnotations};
    if (name->ends_with("cost_details")) return Fail(begin, "costs are not told by kind of token here; ask total_cost");
    return Fail(begin, fmt::format("\"{}\" cannot be run through; spans, children and annotations can", *name));
  }

  // What `parse` reads as a condition of the comprehension's variable.
  template <typename ParseInside>
  std::optional<Condition3> InElement(const Comprehension& over, ParseInside parse) {
    variables_.emplace_back(over.variable, over.iterable.element);
    std::optional<Piece> piece = parse();
    std::optional<Condition3> condition = piece ? AsCondition(*std::move(piece)) : std::nullopt;
    variables_.pop_back();
    return condition;
  }

  std::optional<Piece> Quantified(const Comprehension& over, bool any) {
    std::optional<Condition3> each = InElement(over, [&] { return Or(); });
    if (!each || !EndsAtFor()) return std::nullopt;
    cursor_.GoTo(over.end);
    // Of elements that are left out, `all` and `any` say nothing.
    const Within within = over.iterable.within;
    Expression chosen_yes = Joined(Kind::kAnd, over.where, each->yes);
    Expression chosen_no = Joined(Kind::kAnd, over.where, each->no);
    Expression not_yes = Joined(Kind::kAnd, over.where, Not(std::move(each->yes)));
    Expression not_no = Joined(Kind::kAnd, over.where, Not(std::move(each->no)));
    if (any) return Piece{{}, Condition3{In(within, std::move(chosen_yes)), Not(In(within, std::move(not_no)))}};
    return Piece{{}, Condition3{Not(In(within, std::move(not_yes))), In(within, std::move(chosen_no))}};
  }

  std::optional<Piece> Aggregated(const Comprehension& over, const PythonToken& token) {
    if (!over.iterable.over) return Fail(token.range, fmt::format("{}() does not run through siblings", token.text));
    Number number{.kind = token.text == "len"   ? Number::Kind::kCount
                          : token.text == "sum" ? Number::Kind::kSum
                          : token.text == "min" ? Number::Kind::kMin
                                                : Number::Kind::kMax,
                  .over = *over.iterable.over};
    number.where.push_back(over.where);
    if (number.kind == Number::Kind::kCount) {
      if (At().text != over.variable) return Fail(At().range, fmt::format("\"{}\" stands here", over.variable));
      cursor_.Skip();
    } else {
      variables_.emplace_back(over.variable, over.iterable.element);
      std::optional<Piece> value = Sum();
      variables_.pop_back();
      std::optional<Number> of = value ? internal::NumberIn(*value, mistakes_) : std::nullopt;
      if (!of) return std::nullopt;
      number.of.push_back(*std::move(of));
    }
    if (!EndsAtFor()) return std::nullopt;
    cursor_.GoTo(over.end);
    if (grain_ == Grain::kSession && variables_.empty()) number = OverEachTrace(std::move(number));
    return Piece{{}, std::move(number)};
  }

  // Of a session, what annotations of its spans and traces give is made of what they give of each trace.
  static Number OverEachTrace(Number number) {
    using enum Number::Kind;
    if (number.over != Number::Over::kSpanAnnotations && number.over != Number::Over::kTraceAnnotations) return number;
    Number of_session{.kind = number.kind == kCount ? kSum : number.kind, .over = Number::Over::kTraces};
    of_session.where.emplace_back();
    of_session.of.push_back(std::move(number));
    return of_session;
  }

  bool EndsAtFor() {
    if (cursor_.IsName("for")) return true;
    Fail(At().range, fmt::format("\"{}\" does not belong here", Written(At())));
    return false;
  }

  std::optional<Condition3> AsCondition(Piece piece) {
    if (auto* condition = std::get_if<Condition3>(&piece.what)) return std::move(*condition);
    if (const auto* reference = std::get_if<Reference>(&piece.what); reference && reference->field->is_annotation())
      return internal::Whether(*reference);
    return Fail(piece.range, "this is a value; compare it with something, as in name == 'chat'");
  }

  bool Enter(TextRange at) {
    if (++depth_ > kDepthMax) Fail(at, fmt::format("brackets are nested deeper than {}", kDepthMax));
    return depth_ <= kDepthMax;
  }

  [[nodiscard]] std::string_view Written(const PythonToken& token) const {
    return text_.substr(token.range.begin, token.range.end - token.range.begin);
  }
  [[nodiscard]] const PythonToken& At() const { return cursor_.At(); }
  [[nodiscard]] std::size_t EndBefore() const { return cursor_.last_range().end; }

  std::nullopt_t Fail(TextRange range, std::string message) { return mistakes_.Add(range, std::move(message)); }

  const std::string_view text_;
  const Grain grain_;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
  std::vector<std::pair<std::string, Element>> variables_;  // of the comprehensions around, the innermost last
  internal::Mistakes mistakes_;
  internal::PhoenixCursor cursor_{mistakes_};
};

}  // namespace

ParsedQuery ParsePhoenix(std::string_view text, Grain grain) { return Parser(text, grain).Run(); }

}  // namespace nightjar::query
