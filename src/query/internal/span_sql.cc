#include "query/internal/span_sql.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "query/internal/text.h"

namespace nightjar::query::internal {
namespace {

// The pattern of LIKE for one with stars.
std::string LikePattern(std::string_view glob) {
  std::string like;
  for (const char c : glob) {
    if (c == '%' || c == '_' || c == '\\') like += '\\';
    like += c == '*' ? '%' : c;
  }
  return like;
}

std::uint64_t IdNumber(const SpanId& id) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : id.bytes) number = number << 8 | byte;
  return number;
}

std::string_view WordSql(const Field& field, std::string_view word) {
  const auto found = std::ranges::find(field.words, word, &Word::word);
  CHECK(found != field.words.end());
  return found->sql;
}

}  // namespace

std::string_view SignOf(Operator op) {
  switch (op) {
    case Operator::kEquals: return "=";
    case Operator::kLess: return "<";
    case Operator::kLessOrEqual: return "<=";
    case Operator::kGreater: return ">";
    case Operator::kGreaterOrEqual: return ">=";
    case Operator::kRegex:
    case Operator::kExists: break;
  }
  CHECK(false);
  return "";
}

std::string SpanSql::OfTerm(const Term& term, bool positive) {
  if (term.field->type != FieldType::kAttribute) return Compared(term, term.field->sql, term.field->known);
  const std::string_view of = term.field->name;
  return of == "resource."   ? OnJson(term, "resource, 'attributes'")
         : of == "metadata." ? OnJson(term, "metadata")
                             : OnAttribute(term, positive);
}

std::string SpanSql::Compared(const Term& term, std::string_view sql, std::string_view known) {
  const Field& field = *term.field;
  if (term.op == Operator::kExists) {
    if (!known.empty()) return fmt::format("({})", known);
    return field.is_text() ? fmt::format("({} != '')", sql) : "1";
  }
  const std::string known_and = known.empty() || known == "1" ? "" : fmt::format("({}) AND ", known);
  const auto ordered = [&](std::string_view type, std::string value) {
    return fmt::format("({}{} {} {})", known_and, sql, SignOf(term.op), Bind(type, std::move(value)));
  };
  switch (field.type) {
    case FieldType::kCount:
    case FieldType::kScore:
    case FieldType::kMoney: return ordered("Float64", fmt::format("{}", std::get<double>(term.value)));
    case FieldType::kDuration: return ordered("Int64", std::to_string(std::get<std::int64_t>(term.value)));
    case FieldType::kTime: return ordered("UInt64", std::to_string(std::get<std::int64_t>(term.value)));
    case FieldType::kLast: {
      const auto back = static_cast<UnixNanos>(std::max<std::int64_t>(0, std::get<std::int64_t>(term.value)));
      return fmt::format("({} >= {})", sql, Bind("UInt64", std::to_string(now_ - std::min(now_, back))));
    }
    default: break;
  }
  const Pattern& pattern = std::get<Pattern>(term.value);
  switch (field.type) {
    case FieldType::kWord: return fmt::format("({} = {})", sql, WordSql(field, pattern.text));
    case FieldType::kTraceId:
      return fmt::format("({} = toFixedString(unhex({}), 16))", sql, Bind("String", pattern.text));
    case FieldType::kSpanId:
      return fmt::format("({} = {})", sql, Bind("UInt64", std::to_string(IdNumber(*SpanId::FromHex(pattern.text)))));
    case FieldType::kTag:
      return fmt::format("arrayExists(tag -> {}, splitByChar('\\n', {}))", Matches("tag", term.op, pattern), sql);
    default: return Matches(sql, term.op, pattern);
  }
}

std::string SpanSql::Matches(std::string_view sql, Operator op, const Pattern& pattern) {
  if (op == Operator::kRegex) return fmt::format("match({}, {})", sql, Bind("String", pattern.text));
  if (pattern.glob) return fmt::format("({} LIKE {})", sql, Bind("String", LikePattern(pattern.text)));
  return fmt::format("({} = {})", sql, Bind("String", pattern.text));
}

std::string SpanSql::OnAttribute(const Term& term, bool positive) {
  const std::string key = Bind("String", term.key);
  if (term.op == Operator::kExists)
    return fmt::format(
        "(mapContains(attrs_str, {0}) OR mapContains(attrs_int, {0}) OR mapContains(attrs_num, {0}) OR "
        "mapContains(attrs_other, {0}))",
        key);
  if (const auto* number = std::get_if<double>(&term.value)) {
    const std::string text = fmt::format("{}", *number);
    const std::string value = Bind("Float64", text);
    const std::string_view sign = SignOf(term.op);
    const std::string as_text = term.op == Operator::kEquals
                                    ? StringEquals(key, text, positive)
                                    : fmt::format("ifNull(toFloat64OrNull(attrs_str[{}]) {} {}, 0)", key, sign, value);
    return fmt::format(
        "(mapContains(attrs_int, {0}) AND attrs_int[{0}] {1} {2} OR mapContains(attrs_num, {0}) AND attrs_num[{0}] "
        "{1} "
        "{2} OR {3})",
        key, sign, value, as_text);
  }
  const Pattern& pattern = std::get<Pattern>(term.value);
  if (term.op == Operator::kEquals && !pattern.glob) {
    if (pattern.text == "true" || pattern.text == "false")
      return fmt::format("({} OR attrs_other[{}] = 'j{}')", StringEquals(key, pattern.text, positive), key,
                         pattern.text);
    return StringEquals(key, pattern.text, positive);
  }
  return fmt::format("(mapContains(attrs_str, {0}) AND {1})", key,
                     Matches(fmt::format("attrs_str[{}]", key), term.op, pattern));
}

// The index i_kv holds a hash of each pair; it must not be asked under a NOT, where a hint would hide rows.
std::string SpanSql::StringEquals(const std::string& key, const std::string& text, bool positive) {
  const std::string value = Bind("String", text);
  if (text.empty()) return fmt::format("(mapContains(attrs_str, {0}) AND attrs_str[{0}] = '')", key);
  if (!positive) return fmt::format("(attrs_str[{}] = {})", key, value);
  return fmt::format(
      "(attrs_str[{0}] = {1} AND indexHint(has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attrs_str), "
      "mapValues(attrs_str)), cityHash64({0}, {1}))))",
      key, value);
}

// Of the key in an object; of metadata also of keys with dots between them, from the outside in.
std::string SpanSql::OnJson(const Term& term, std::string_view object) {
  std::string sql = OnJsonAt(term, object, Bind("String", term.key));
  if (object != "metadata" || term.key.find('.') == std::string::npos) return sql;
  return fmt::format("({} OR {})", sql, OnJsonAt(term, object, PathOf(term.key)));
}

std::string SpanSql::OnJsonAt(const Term& term, std::string_view object, const std::string& path) {
  std::string has = fmt::format("JSONHas({}, {})", object, path);
  if (term.op == Operator::kExists) return has;
  if (const auto* number = std::get_if<double>(&term.value))
    return fmt::format("({0} AND ifNull(toFloat64OrNull(trim(BOTH '\"' FROM JSONExtractRaw({1}, {2}))) {3} {4}, 0))",
                       has, object, path, SignOf(term.op), Bind("Float64", fmt::format("{}", *number)));
  const std::string text = fmt::format(
      "if(JSONType({0}, {1}) = 'String', JSONExtractString({0}, {1}), JSONExtractRaw({0}, {1}))", object, path);
  return fmt::format("({} AND {})", has, Matches(text, term.op, std::get<Pattern>(term.value)));
}

// Letters of either case are the same. What is long is in segments, what stands between them in the ropes of
// attrs_other and events, next to bytes that are no text. Previews are made of these: they are asked only for what
// cannot be looked for there.
std::string SpanSql::HasText(const std::string& text, const std::string& base) {
  const std::vector<std::string> plain = {text};
  const std::vector<std::string> spellings = JsonSpellings(text);
  std::string sql = "(";
  for (const std::string_view column : {"name", "status_message"}) sql += Contains(column, plain) + " OR ";
  sql += fmt::format("arrayExists(v -> {}, mapValues(attrs_str)) OR ", Contains("v", plain));
  constexpr std::size_t kFoundInRopesMin = 4;  // bytes; shorter ones would be found in times and counts, too
  const bool is_printable = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  const bool in_ropes = is_printable && text.size() >= kFoundInRopesMin;
  sql += fmt::format("arrayExists(v -> {}{}, mapValues(attrs_other)) OR ", in_ropes ? "" : "startsWith(v, 'j') AND ",
                     Contains("v", spellings));
  if (in_ropes) {
    sql += Contains("events", spellings) + " OR ";
  } else {
    for (const std::string_view column : {"exception_message", "input_preview", "output_preview"})
      sql += Contains(column, plain) + " OR ";
  }
  return sql + InSegments(spellings, base) + ')';
}

// Of a long value: in what stands in its rope, or in any body that the span refers to.
std::string SpanSql::OfText(const Expression& expression, const std::string& base) {
  if (expression.term.field == nullptr) return HasText(expression.text, base);
  const std::string key = Bind("String", expression.term.key);
  const std::vector<std::string> spellings = JsonSpellings(expression.text);
  return fmt::format("({} OR (mapContains(attrs_other, {}) AND ({} OR {})))",
                     Contains(fmt::format("attrs_str[{}]", key), {expression.text}), key,
                     Contains(fmt::format("attrs_other[{}]", key), spellings), InSegments(spellings, base));
}

std::string SpanSql::InSegments(const std::vector<std::string>& spellings, const std::string& base) {
  return fmt::format(
      "(segment_scope != 0 AND arrayExists(h -> (segment_scope, h) IN (SELECT scope, hash FROM "
      "nightjar.segments WHERE scope IN (SELECT segment_scope FROM nightjar.spans WHERE {}) AND {}), segments))",
      base, Contains("body", spellings));
}

std::string SpanSql::Contains(std::string_view sql, const std::vector<std::string>& spellings) {
  std::string any;
  for (const std::string& spelling : spellings) {
    const bool ascii = std::ranges::all_of(spelling, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    any += fmt::format("{}positionCaseInsensitive{}({}, {}) > 0", any.empty() ? "(" : " OR ", ascii ? "" : "UTF8", sql,
                       Bind("String", spelling));
  }
  return any + ')';
}

// The parts of a key with dots, one after the other.
std::string SpanSql::PathOf(const std::string& key) {
  std::string path;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('.', begin), key.size());
    path += (path.empty() ? "" : ", ") + Bind("String", key.substr(begin, end - begin));
    begin = end + 1;
  }
  return path;
}

std::string SpanSql::NumberOf(const Field& field, const std::string& key) {
  if (field.type != FieldType::kAttribute) {
    if (field.known.empty() || field.known == "1") return fmt::format("toNullable(toFloat64({}))", field.sql);
    return fmt::format("if({}, toFloat64({}), NULL)", field.known, field.sql);
  }
  const std::string bound = Bind("String", key);
  if (field.name == "attributes.")
    return fmt::format(
        "coalesce(if(mapContains(attrs_int, {0}), toFloat64(attrs_int[{0}]), NULL), if(mapContains(attrs_num, {0}), "
        "attrs_num[{0}], NULL), toFloat64OrNull(attrs_str[{0}]))",
        bound);
  const auto at = [](std::string_view object, std::string_view path) {
    return fmt::format("toFloat64OrNull(trim(BOTH '\"' FROM JSONExtractRaw({}, {})))", object, path);
  };
  if (field.name == "resource.") return at("resource, 'attributes'", bound);
  return fmt::format("coalesce({}, {})", at("metadata", bound), at("metadata", PathOf(key)));
}

std::string SpanSql::Bind(std::string_view type, std::string value) {
  const auto same = std::ranges::find_if(
      params_, [&](const store::QueryParam& param) { return param.value == value && param.name.starts_with('q'); });
  std::string name = same != params_.end() ? same->name : fmt::format("q{}", params_.size());
  if (same == params_.end()) params_.push_back({name, std::move(value)});
  return fmt::format("{{{}:{}}}", name, type);
}

}  // namespace nightjar::query::internal
