#include "query/internal/phoenix_cursor.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace nightjar::query::internal {

using Kind = PythonToken::Kind;

bool PhoenixCursor::TakeSign(std::string_view sign) {
  const bool is_it = IsSign(sign);
  if (is_it) Skip();
  return is_it;
}

bool PhoenixCursor::TakeName(std::string_view name) {
  const bool is_it = IsName(name);
  if (is_it) Skip();
  return is_it;
}

std::string PhoenixCursor::TakeComparison() {
  if (TakeName("in")) return "in";
  if (TakeName("is")) return TakeName("not") ? "is not" : "is";
  if (IsName("not") && Behind().kind == Kind::kName && Behind().text == "in") {
    next_ += 2;
    return "not in";
  }
  for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"})
    if (TakeSign(sign)) return std::string(sign);
  return "";
}

std::optional<Literal> PhoenixCursor::TakeLiteral() {
  const bool negative = IsSign("-") && Behind().kind == Kind::kNumber;
  if (negative) Skip();
  const PythonToken token = At();
  if (token.kind == Kind::kEnd) return mistakes_.Add(token.range, "a value is missing here");
  Skip();
  if (token.kind == Kind::kNumber) return Literal(negative ? -token.number : token.number);
  if (token.kind == Kind::kText) return Literal(token.text);
  if (token.text == "None") return Literal(Scalar::kNone);
  if (token.text == "True") return Literal(Scalar::kTrue);
  if (token.text == "False") return Literal(Scalar::kFalse);
  return mistakes_.Add(token.range, fmt::format("\"{}\" is not a value", token.text));
}

std::optional<Piece> PhoenixCursor::TakeList(std::string_view end, const std::optional<Piece>& first) {
  const TextRange begin = first ? first->range : At().range;
  Literals list;
  if (first) {
    const auto* literal = std::get_if<Literal>(&first->what);
    if (literal == nullptr) return mistakes_.Add(begin, "a list holds texts or numbers");
    list.push_back(*literal);
  }
  Skip();
  while (!TakeSign(end)) {
    std::optional<Literal> item = TakeLiteral();
    if (!item) return std::nullopt;
    list.push_back(*std::move(item));
    if (list.size() > kTermsMax) return mistakes_.Add(begin, fmt::format("a list has at most {} values", kTermsMax));
    if (!TakeSign(",") && !IsSign(end)) return mistakes_.Add(begin, "this list is not closed");
  }
  if (std::ranges::find(list, Literal(Scalar::kNone)) != list.end())
    return mistakes_.Add(begin, "a list holds no None");
  if (std::ranges::any_of(list, [&](const Literal& item) { return item.index() != list.front().index(); }))
    return mistakes_.Add(begin, "the values of a list are all texts, or all numbers");
  return Piece{{begin.begin, last_range().end}, std::move(list)};
}

std::optional<WrittenName> PhoenixCursor::TakeWrittenName() {
  WrittenName written{.name = At().text, .key = {}, .member = {}, .range = At().range};
  Skip();
  std::vector<std::string> keys;
  while (IsSign(".") || IsSign("[")) {
    if (TakeSign(".")) {
      if (!IsName()) return mistakes_.Add(At().range, "a name stands behind a dot");
      (keys.empty() ? written.name += '.' : written.member) += At().text;
      Skip();
    } else if (!TakeKeys(keys)) {
      return std::nullopt;
    }
  }
  if (IsSign("(")) return mistakes_.Add(written.range, fmt::format("{}() is not supported", written.name));
  for (const std::string& part : keys) written.key += (written.key.empty() ? "" : ".") + part;
  written.range.end = last_range().end;
  return written;
}

bool PhoenixCursor::IsIndex() const {
  return At().kind == Kind::kNumber && At().number >= 0 && At().number < 1e6 && At().number == std::floor(At().number);
}

// "['a']", "[0]" or "[['a', 'b']]".
bool PhoenixCursor::TakeKeys(std::vector<std::string>& keys) {
  Skip();
  const bool nested = TakeSign("[");
  const std::size_t before = keys.size();
  while (At().kind == Kind::kText || IsIndex()) {
    keys.push_back(IsIndex() ? fmt::format("{:.0f}", At().number) : At().text);
    Skip();
    if (!nested || !TakeSign(",")) break;
  }
  if (keys.size() != before && TakeSign("]") && (!nested || TakeSign("]"))) return true;
  mistakes_.Add(At().range, "in square brackets stands a text, as in metadata['topic']");
  return false;
}

}  // namespace nightjar::query::internal
