#include "query/internal/value.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "base/lower_case.h"
#include "base/time_text.h"
#include "query/internal/text.h"
#include "query/parse.h"

namespace nightjar::query::internal {
namespace {

using Reading = std::expected<Value, std::string>;

struct Unit {
  std::string_view name;
  double factor;
};
constexpr Unit kCountUnits[] = {{"k", 1e3}, {"m", 1e6}, {"g", 1e9}};
constexpr Unit kDurationUnits[] = {{"ns", 1},   {"us", 1e3},   {"ms", 1e6},   {"s", 1e9},
                                   {"m", 60e9}, {"h", 3600e9}, {"d", 86400e9}};

// A decimal number at the front of the text, which is taken; nothing for "nan", "inf" and hexadecimal.
std::optional<double> TakeNumber(std::string_view& text) {
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (text.size() <= sign || !(IsDigit(text[sign]) || text[sign] == '.')) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Reading ReadCount(const Field& field, std::string_view text) {
  std::string_view rest = text;
  if (const auto number = TakeNumber(rest)) {
    if (rest.empty()) return *number;
    const auto unit = std::ranges::find(kCountUnits, LowerCase(rest), &Unit::name);
    if (unit != std::end(kCountUnits)) return *number * unit->factor;
  }
  return std::unexpected(
      fmt::format("\"{}\" is not a number such as 500, 10k or 1.5M, which {} is compared with", text, field.name));
}

Reading ReadMoney(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('$')) rest.remove_prefix(1);
  if (const auto number = TakeNumber(rest); number && rest.empty()) return *number;
  return std::unexpected(fmt::format("\"{}\" is not an amount in US dollars such as 0.01", text));
}

Reading ReadDuration(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  const auto unit = std::ranges::find(kDurationUnits, LowerCase(rest), &Unit::name);
  if (number && rest.empty() && *number != 0)
    return std::unexpected(fmt::format("\"{}\" needs a unit: {}s, {}ms, {}m", text, text, text, text));
  if (!number || (unit == std::end(kDurationUnits) && !rest.empty()))
    return std::unexpected(fmt::format("\"{}\" is not a duration such as 2s, 150ms or 1.5h", text));
  const double nanos = *number * (rest.empty() ? 1 : unit->factor);
  constexpr double kNanosMax = 9.2e18;  // 64 bits
  if (std::abs(nanos) > kNanosMax) return std::unexpected(fmt::format("\"{}\" is longer than 292 years", text));
  return std::llround(nanos);
}

Reading ReadTime(std::string_view text) {
  auto time = ParseDate(text);
  if (!time) time = ParseRfc3339(text);
  if (time && *time <= static_cast<UnixNanos>(std::numeric_limits<std::int64_t>::max()))
    return static_cast<std::int64_t>(*time);
  return std::unexpected(
      fmt::format("\"{}\" is not a time between 1970 and 2262 such as 2026-01-31 or 2026-01-31T12:00:00Z", text));
}

Reading ReadId(std::string_view text, std::size_t digits) {
  const bool is_hex =
      std::ranges::all_of(text, [](char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
  if (text.size() != digits || !is_hex)
    return std::unexpected(fmt::format("\"{}\" is not an id of {} hex digits", text, digits));
  return Pattern{LowerCase(text), false};
}

Reading ReadWord(const Field& field, std::string_view text) {
  const std::string lower = LowerCase(text);
  if (std::ranges::find(field.words, lower, &Word::word) != field.words.end()) return Pattern{lower, false};
  std::string words;
  for (const Word& word : field.words) words += (words.empty() ? "" : ", ") + std::string(word.word);
  return std::unexpected(fmt::format("{} is one of {}, not \"{}\"", field.name, words, text));
}

Reading ReadPattern(const Written& written) {
  if (written.quoted) return Pattern{written.text, false};
  if (written.text.find_first_of(":=<>!~") == 0)
    return std::unexpected(fmt::format("\"{}\" begins like a comparison; put it in quotes", written.text));
  const bool glob = written.text.find('*') != std::string::npos;
  return Pattern{written.text, glob};
}

Reading ReadRegex(std::string_view text) {
  if (text.size() > kRegexBytesMax)
    return std::unexpected(
        fmt::format("the regular expression has {} bytes, at most {} are allowed", text.size(), kRegexBytesMax));
  const RE2 regex(text, RE2::Quiet);
  if (!regex.ok()) return std::unexpected(fmt::format("not a regular expression: {}", regex.error()));
  return Pattern{std::string(text), false};
}

bool IsOrder(Operator op) {
  return op == Operator::kLess || op == Operator::kLessOrEqual || op == Operator::kGreater ||
         op == Operator::kGreaterOrEqual;
}

// An attribute is compared as a number when the value is written as one.
Reading ReadAttribute(const Field& field, Operator op, const Written& written) {
  std::string_view rest = written.text;
  const auto number = written.quoted ? std::nullopt : TakeNumber(rest);
  if (number && rest.empty()) return *number;
  if (IsOrder(op))
    return std::unexpected(
        fmt::format("\"{}\" is not a number, and only numbers are less or greater: {}key>5", written.text, field.name));
  return ReadPattern(written);
}

Reading ReadScore(std::string_view text) {
  std::string_view rest = text;
  const auto number = TakeNumber(rest);
  if (number && rest.empty()) return *number;
  return std::unexpected(fmt::format("\"{}\" is not a number; labels are found by annotation.", text));
}

std::string NumberText(double number) { return fmt::format("{}", number); }

}  // namespace

Reading ReadValue(const Field& field, Operator op, const Written& written) {
  const bool is_text = field.is_text();
  if (op == Operator::kRegex) {
    if (is_text) return ReadRegex(written.text);
    return std::unexpected(fmt::format("{} is not a text, so it has no regular expression", field.name));
  }
  const bool is_ordered = field.type == FieldType::kCount || field.type == FieldType::kMoney ||
                          field.type == FieldType::kDuration || field.type == FieldType::kTime ||
                          field.type == FieldType::kAttribute || field.type == FieldType::kScore;
  if (IsOrder(op) && !is_ordered)
    return std::unexpected(fmt::format("{} is not a number; compare it with {}:", field.name, field.name));
  switch (field.type) {
    case FieldType::kText:
    case FieldType::kTag:
    case FieldType::kLabel: return ReadPattern(written);
    case FieldType::kWord: return ReadWord(field, written.text);
    case FieldType::kTraceId: return ReadId(written.text, 32);
    case FieldType::kSpanId: return ReadId(written.text, 16);
    case FieldType::kCount: return ReadCount(field, written.text);
    case FieldType::kMoney: return ReadMoney(written.text);
    case FieldType::kDuration:
    case FieldType::kLast: return ReadDuration(written.text);
    case FieldType::kTime: return ReadTime(written.text);
    case FieldType::kAttribute: return ReadAttribute(field, op, written);
    case FieldType::kScore: return ReadScore(written.text);
  }
  return std::unexpected("unknown type of field");
}

std::string InQuotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

namespace {

// In quotes when it would not be one value of a query otherwise.
std::string Quoted(std::string_view text) {
  const auto is_plain = [](char c) { return !IsSpace(c) && c != '(' && c != ')' && c != '"' && c != '\\' && c != '*'; };
  const std::string lower = LowerCase(text);
  const bool is_word = !text.empty() && std::ranges::all_of(text, is_plain) &&
                       text.find("..") == std::string_view::npos &&
                       text.find_first_of(":=<>!~,") == std::string_view::npos && text[0] != '-' && lower != "and" &&
                       lower != "or" && lower != "not";
  return is_word ? std::string(text) : InQuotes(text);
}

}  // namespace

std::string ValueText(const Field& field, const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* nanos = std::get_if<std::int64_t>(&value)) {
    if (field.type == FieldType::kTime) return ToRfc3339(static_cast<UnixNanos>(*nanos));
    return fmt::format("{}ns", *nanos);
  }
  const auto* pattern = std::get_if<Pattern>(&value);
  if (pattern == nullptr) return "";
  if (pattern->glob) return pattern->text;
  std::string_view rest = pattern->text;
  const bool is_number = field.type == FieldType::kAttribute && TakeNumber(rest) && rest.empty();
  // A text that looks like a number stays a text.
  return is_number ? InQuotes(pattern->text) : Quoted(pattern->text);
}

}  // namespace nightjar::query::internal
