#include "base/json.h"

#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace nightjar {
namespace {

template <typename T>
void AppendNumber(T number, std::string& out) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  CHECK(error == std::errc());
  out.append(buffer, end);
}

void AppendDouble(double number, std::string& out) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const std::size_t begin = out.size();
  AppendNumber(number, out);
  if (out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

// Depth is bounded where values are made: ParseJson and the OTLP decoder refuse more than 64 levels.
void Append(const json::value& value, std::string& out) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; return;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case json::kind::int64: AppendNumber(value.get_int64(), out); return;
    case json::kind::uint64: AppendNumber(value.get_uint64(), out); return;
    case json::kind::double_: AppendDouble(value.get_double(), out); return;
    case json::kind::string: AppendJsonString(value.get_string(), out); return;
    case json::kind::array: {
      char separator = '[';
      for (const json::value& item : value.get_array()) {
        out += separator;
        separator = ',';
        Append(item, out);
      }
      out += separator == '[' ? "[]" : "]";
      return;
    }
    case json::kind::object: {
      char separator = '{';
      for (const auto& [key, item] : value.get_object()) {
        out += separator;
        separator = ',';
        AppendJsonString(key, out);
        out += ':';
        Append(item, out);
      }
      out += separator == '{' ? "{}" : "}";
      return;
    }
  }
}

}  // namespace

Result<json::value> ParseJson(std::string_view text) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error) return Fail(ErrorCode::kInvalidArgument, "not valid JSON: " + error.message());
  return value;
}

std::string ToJson(const json::value& value) {
  std::string out;
  Append(value, out);
  return out;
}

void AppendJsonString(std::string_view text, std::string& out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  std::size_t plain_begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain_begin, i - plain_begin);
    plain_begin = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        out += "\\u00";
        out += kDigits[c >> 4];
        out += kDigits[c & 15];
    }
  }
  out.append(text, plain_begin, text.size() - plain_begin);
  out += '"';
}

}  // namespace nightjar
