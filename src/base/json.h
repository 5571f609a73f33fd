// JSON text. Boost.JSON is the one document type; this is the one way to read and write it.
//
// Numbers keep their type through text: 7 is an integer, 7.0 a double, and 64-bit integers are exact.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nightjar {

namespace json = boost::json;

// Room for the deepest OTLP value (64 levels, model/span.h) inside the objects that carry it.
constexpr int kJsonDepthMax = 80;

// Strict JSON (RFC 8259), at most kJsonDepthMax deep; invalid UTF-8 is an error.
Result<json::value> ParseJson(std::string_view text);

// Compact JSON. Doubles are the shortest text that reads back the same and always hold a '.', 'e' or are null (NaN and
// infinities have no JSON form: model/value_json.h is for values that may hold them).
std::string ToJson(const json::value& value);

// What is unknown is null, never "" or 0.
inline json::value TextOrNull(std::string_view text) { return text.empty() ? json::value() : json::value(text); }
template <typename T>
json::value NumberOrNull(const std::optional<T>& number) {
  return number ? json::value(*number) : json::value();
}

// Appends `text` as a quoted JSON string.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace nightjar
