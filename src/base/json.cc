#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
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

// Depth is bounded where values are made: ParseJson and the OTLP decoder refuse deeper input.
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

// Builds a json::value from the events of json::basic_parser. json::parse itself would do, but in Boost 1.81 its
// doubles can be off by one unit in the last place; std::from_chars is exact.
struct DocumentBuilder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t size, json::error_code&) { return stack.push_object(size), true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t size, json::error_code&) { return stack.push_array(size), true; }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return stack.push_chars(part), true; }
  bool on_key(json::string_view part, std::size_t, json::error_code&) { return stack.push_key(part), true; }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return stack.push_chars(part), true; }
  bool on_string(json::string_view part, std::size_t, json::error_code&) { return stack.push_string(part), true; }
  // Called only when a number is split between buffers; ParseJson gives the parser the whole text at once.
  bool on_number_part(json::string_view, json::error_code&) { return false; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) { return stack.push_uint64(number), true; }
  bool on_double(double approximate, json::string_view text, json::error_code&) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // Out of range: the parser's value is the right one, 0 or an infinity.
    stack.push_double(error == std::errc() ? number : approximate);
    return true;
  }
  bool on_bool(bool value, json::error_code&) { return stack.push_bool(value), true; }
  bool on_null(json::error_code&) { return stack.push_null(), true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Result<json::value> ParseJson(std::string_view text) {
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::error_code error;
  json::basic_parser<DocumentBuilder> parser(options);
  parser.handler().stack.reset();
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (error) return Fail(ErrorCode::kInvalidArgument, "not valid JSON: " + error.message());
  return parser.handler().stack.release();
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
