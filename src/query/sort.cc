#include "query/sort.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "query/field.h"

namespace nightjar::query {
namespace {

using Type = SortOrder::Type;

constexpr std::string_view kScoreOf = "score.";

// What the table of fields has not, or says otherwise.
struct Column {
  std::string_view name;
  Type type;
  std::string_view sql;
};

#define NIGHTJAR_ROOT "(parent_span_id != 0, start_unix_ns, span_id)"
constexpr Column kTraceTexts[] = {
    {"name", Type::kText, "argMin(name, " NIGHTJAR_ROOT ")"},
    {"kind", Type::kText, "argMin(kind, " NIGHTJAR_ROOT ")"},
    {"service", Type::kText, "argMin(service_name, " NIGHTJAR_ROOT ")"},
    {"status", Type::kText, "argMin(status, " NIGHTJAR_ROOT ")"},
    {"input", Type::kText, "argMin(input_preview, " NIGHTJAR_ROOT ")"},
    {"output", Type::kText, "argMin(output_preview, " NIGHTJAR_ROOT ")"},
    {"user", Type::kText, "argMax(user_id, (user_id != '', -toInt64(start_unix_ns)))"},
    {"session", Type::kText, "argMax(session_id, (session_id != '', -toInt64(start_unix_ns)))"},
    {"model", Type::kText, "arrayStringConcat(arraySort(groupUniqArrayIf(toString(model), model != '')), ', ')"},
    {"trace", Type::kText, "lower(hex(trace_id))"}};
constexpr Column kSpanTexts[] = {{"input", Type::kText, "input_preview"},
                                 {"output", Type::kText, "output_preview"},
                                 {"trace", Type::kText, "lower(hex(trace_id))"}};
constexpr Column kPeople[] = {
    {"active", Type::kTime, "max(start_unix_ns)"},
    {"traces", Type::kNumber, "uniqExact(trace_id)"},
    {"calls", Type::kNumber, "countIf(is_call)"},
    {"input", Type::kText, "argMax(input_preview, (input_preview != '', parent_span_id = 0, start_unix_ns))"}};
constexpr Column kSessions[] = {{"session", Type::kText, "id"},
                                {"user", Type::kText, "minIf(user_id, user_id != '')"},
                                {"users", Type::kNumber, "uniqExactIf(user_id, user_id != '')"}};
constexpr Column kUsers[] = {{"user", Type::kText, "id"},
                             {"sessions", Type::kNumber, "uniqExactIf(session_id, session_id != '')"}};
// Of the fields these are shown in lists of people.
constexpr std::string_view kPeopleFields[] = {
    "start", "spans", "errors", "tokens", "tokens.prompt", "tokens.completion", "cost"};

std::vector<std::span<const Column>> ColumnsOf(ListOf list) {
  switch (list) {
    case ListOf::kSpans: return {kSpanTexts};
    case ListOf::kTraces: return {kTraceTexts};
    case ListOf::kSessions: return {kSessions, kPeople};
    case ListOf::kUsers: return {kUsers, kPeople};
  }
  return {};
}

std::optional<Type> NumberType(const Field& field) {
  switch (field.type) {
    case FieldType::kTime: return Type::kTime;
    case FieldType::kDuration: return Type::kDuration;
    case FieldType::kCount:
    case FieldType::kMoney: return Type::kNumber;
    default: return std::nullopt;
  }
}

bool SortsByField(const Field& field, ListOf list) {
  const bool is_number = NumberType(field).has_value();
  switch (list) {
    case ListOf::kSpans: return is_number || field.type == FieldType::kText || field.type == FieldType::kWord;
    case ListOf::kTraces: return is_number && !field.whole_sql.empty();
    case ListOf::kSessions:
    case ListOf::kUsers: return std::ranges::find(kPeopleFields, field.name) != std::end(kPeopleFields);
  }
  return false;
}

// The key, with the end of the list for what is not known.
std::string KeySql(Type type, std::string_view sql, std::string_view known, bool ascending) {
  const bool always = known.empty() || known == "1";
  switch (type) {
    case Type::kText:
      return fmt::format("concat(if(empty(toString({0}) AS text), '{1}', '{2}'), text)", sql, ascending ? 1 : 0,
                         ascending ? 0 : 1);
    case Type::kNumber:
      if (always) return fmt::format("toFloat64({})", sql);
      return fmt::format("if({}, toFloat64({}), {})", known, sql, ascending ? "inf" : "-inf");
    case Type::kTime: break;
    case Type::kDuration:
      if (always) break;
      return fmt::format("if({}, toInt64({}), toInt64('{}'))", known, sql, ascending ? "9223372036854775807" : "-1");
  }
  return std::string(sql);
}

std::string NamesOf(ListOf list) {
  std::string names;
  const auto add = [&](std::string_view name) { names += (names.empty() ? "" : ", ") + std::string(name); };
  for (const auto& columns : ColumnsOf(list))
    for (const Column& column : columns) add(column.name);
  for (const Field& field : Fields())
    if (SortsByField(field, list)) add(field.name);
  return names;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

std::optional<std::string> FromHex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

template <typename T>
bool IsWhole(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(number)) return false;
  return error == std::errc() && end == text.data() + text.size();
}

bool IsKey(std::string_view text, Type type) {
  switch (type) {
    case Type::kTime: return IsWhole<std::uint64_t>(text);
    case Type::kDuration: return IsWhole<std::int64_t>(text);
    case Type::kNumber: return text == "inf" || text == "-inf" || IsWhole<double>(text);
    case Type::kText: break;
  }
  return true;
}

// The ids behind the key.
std::optional<Position> ParseIds(std::string key, std::string_view ids, ListOf list) {
  Position position{.key = std::move(key), .trace_id = {}, .span_id = {}, .id = {}};
  if (list == ListOf::kSessions || list == ListOf::kUsers) {
    const auto id = FromHex(ids);
    if (!id || id->empty()) return std::nullopt;
    position.id = *id;
    return position;
  }
  const auto trace_id = TraceId::FromHex(ids.substr(0, 32));
  if (!trace_id) return std::nullopt;
  position.trace_id = *trace_id;
  if (list == ListOf::kTraces) return ids.size() == 32 ? std::optional(position) : std::nullopt;
  const auto span_id = ids.size() == 32 + 17 && ids[32] == '-' ? SpanId::FromHex(ids.substr(33)) : std::nullopt;
  if (!span_id) return std::nullopt;
  position.span_id = *span_id;
  return position;
}

}  // namespace

std::string_view SortOrder::sql_type() const {
  switch (type) {
    case Type::kTime: return "UInt64";
    case Type::kDuration: return "Int64";
    case Type::kNumber: return "Float64";
    case Type::kText: break;
  }
  return "String";
}

Result<SortOrder> ParseSort(std::string_view text, ListOf list) {
  if (text == kRelevance)
    return SortOrder{
        .name = std::string(kRelevance), .type = Type::kText, .key = "", .sums_calls = false, .ascending = false};
  const bool ascending = !text.starts_with('-');
  const std::string_view name = ascending ? text : text.substr(1);
  if (name.starts_with(kScoreOf) && name.size() > kScoreOf.size())
    return SortOrder{.name = std::string(name),
                     .type = Type::kNumber,
                     .key = fmt::format("ifNull({}, {})", list == ListOf::kSpans ? "mean_score" : "any(mean_score)",
                                        ascending ? "inf" : "-inf"),
                     .sums_calls = false,
                     .ascending = ascending};
  for (const auto& columns : ColumnsOf(list))
    for (const Column& column : columns)
      if (column.name == name)
        return SortOrder{std::string(name), column.type, KeySql(column.type, column.sql, "", ascending),
                         column.sql.find("is_call") != std::string_view::npos, ascending};
  const Field* field = FindField(name);
  if (field != nullptr && SortsByField(*field, list)) {
    const bool of_span = list == ListOf::kSpans;
    const Type type = NumberType(*field).value_or(Type::kText);
    return SortOrder{
        std::string(field->name), type,
        KeySql(type, of_span ? field->sql : field->whole_sql, of_span ? field->known : field->whole_known, ascending),
        !of_span && field->sums_calls(), ascending};
  }
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("cannot sort by \"{}\"; sort takes one of {}, with - before it for descending, score. and the name "
                  "of an annotation, or relevance",
                  name, NamesOf(list)));
}

std::optional<std::string_view> SortOrder::score() const {
  if (!name.starts_with(kScoreOf)) return std::nullopt;
  return std::string_view(name).substr(kScoreOf.size());
}

std::string ToText(const Position& position, ListOf list) {
  std::string text = ToHex(position.key) + '-';
  if (list == ListOf::kSessions || list == ListOf::kUsers) return text + ToHex(position.id);
  text += position.trace_id.ToHex();
  if (list == ListOf::kSpans) text += '-' + position.span_id.ToHex();
  return text;
}

Result<Position> ParsePosition(std::string_view text, ListOf list, const SortOrder& order) {
  const std::size_t dash = text.find('-');
  std::optional<Position> position;
  if (dash != std::string_view::npos)
    if (auto key = FromHex(text.substr(0, dash)); key && IsKey(*key, order.type))
      position = ParseIds(*std::move(key), text.substr(dash + 1), list);
  if (position) return *std::move(position);
  return Fail(
      ErrorCode::kInvalidArgument,
      fmt::format("cursor \"{}\" is not one that this list gave with this sort; leave it out to begin anew", text));
}

}  // namespace nightjar::query
