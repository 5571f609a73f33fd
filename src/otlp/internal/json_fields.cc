#include "otlp/internal/json_fields.h"

#include <string>

#include "base/base64.h"
#include "base/utf8.h"

namespace nightjar::otlp::internal {
namespace {

using simdjson::ondemand::json_type;

// Of a client's text, what a reason holds.
std::string_view Shortened(std::string_view text) { return Utf8Prefix(text, 60); }

}  // namespace

void CheckIsString(JsonValue& value, std::string_view field) {
  if (value.type() != json_type::string) throw Rejected{fmt::format("{} is not a string", field)};
}

Rejected BadEscape(std::string_view field) {
  return {fmt::format("{} holds an escape that JSON does not have", field)};
}

std::string_view ReadPlainText(JsonValue& value, std::string_view field) {
  CheckIsString(value, field);
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || !IsValidUtf8(text)) throw BadEscape(field);
  return text;
}

std::string_view ReadNumberText(JsonValue& value, std::string_view field) {
  const json_type type = value.type();
  if (type == json_type::string) return ReadPlainText(value, field);
  if (type != json_type::number) throw Rejected{fmt::format("{} is not a number", field)};
  const std::string_view token = value.raw_json_token();
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

bool ReadBool(JsonValue& value, std::string_view field) {
  if (value.type() != json_type::boolean) throw Rejected{fmt::format("{} is not true or false", field)};
  return value.get_bool().value();
}

double ReadDouble(JsonValue& value, std::string_view field) {
  double number = 0;
  if (value.type() != json_type::string) {
    if (value.get_double().get(number) == simdjson::SUCCESS) return number;
    throw Rejected{fmt::format("{} is not a double", field)};
  }
  const std::string_view text = ReadPlainText(value, field);
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  // from_chars knows more spellings of infinity and NaN than JSON.
  const bool is_decimal = text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  if (is_decimal && error == std::errc() && end == text.end()) return number;
  throw Rejected{fmt::format("{} \"{}\" is not a double", field, Shortened(text))};
}

model::Bytes ReadBase64(JsonValue& value, std::string_view field) {
  std::string text(ReadPlainText(value, field));
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  auto bytes = FromBase64(text);
  if (!bytes) throw Rejected{fmt::format("{} is not base64", field)};
  return {std::move(*bytes)};
}

void RejectInteger(std::string_view text, std::string_view field, std::string_view wanted) {
  throw Rejected{fmt::format("{} {} is not {}", field, Shortened(text), wanted)};
}

std::int32_t ReadEnum(JsonValue& value, std::string_view field) {
  if (value.type() == json_type::string)
    throw Rejected{fmt::format("{} is \"{}\"; enum names are not OTLP/JSON, send the number", field,
                               Shortened(ReadPlainText(value, field)))};
  return ReadInteger<std::int32_t>(value, field);
}

void RejectId(std::string_view hex, std::string_view field, std::size_t digits) {
  if (hex.size() == digits) throw Rejected{fmt::format("{} is not hex", field)};
  throw Rejected{fmt::format("{} has {} characters, must have {} hex digits", field, hex.size(), digits)};
}

}  // namespace nightjar::otlp::internal
