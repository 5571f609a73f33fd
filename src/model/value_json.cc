#include "model/value_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>

#include "base/base64.h"

namespace nightjar::model {
namespace {

constexpr char kEscape = '$';
constexpr std::string_view kDoubleKey = "$double";
constexpr std::string_view kBytesKey = "$bytes";

struct ToJsonVisitor {
  json::value operator()(std::monostate) const { return nullptr; }
  json::value operator()(bool value) const { return value; }
  json::value operator()(std::int64_t value) const { return value; }
  json::value operator()(double value) const {
    if (std::isfinite(value)) return value;
    const char* word = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    return json::object{{kDoubleKey, word}};
  }
  json::value operator()(const std::string& value) const { return json::string(value); }
  json::value operator()(const Bytes& value) const { return json::object{{kBytesKey, ToBase64(value.data)}}; }
  json::value operator()(const Array& array) const {
    json::array out;
    out.reserve(array.size());
    for (const Value& item : array) out.push_back(ToJsonValue(item));
    return out;
  }
  json::value operator()(const KeyValueList& list) const {
    json::object out;
    out.reserve(list.size());
    for (const auto& [key, value] : list) out[key.starts_with(kEscape) ? kEscape + key : key] = ToJsonValue(value);
    return out;
  }
};

Result<Value> NonFiniteFromWord(std::string_view word) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (word == "Infinity") return Value(kInfinity);
  if (word == "-Infinity") return Value(-kInfinity);
  return Fail(ErrorCode::kInvalidArgument, "not a $double word: " + std::string(word));
}

Result<Value> FromObject(const json::object& object) {
  if (object.size() == 1 && object.begin()->value().is_string()) {
    const auto& [key, item] = *object.begin();
    if (key == kDoubleKey) return NonFiniteFromWord(item.get_string());
    if (key == kBytesKey) {
      auto bytes = FromBase64(item.get_string());
      if (!bytes) return Fail(ErrorCode::kInvalidArgument, "$bytes is not base64");
      return Value(Bytes{*std::move(bytes)});
    }
  }
  KeyValueList list;
  list.reserve(object.size());
  for (const auto& [escaped, item] : object) {
    std::string_view key = escaped;
    if (key.starts_with(kEscape)) {
      key.remove_prefix(1);
      if (!key.starts_with(kEscape)) return Fail(ErrorCode::kInvalidArgument, "unknown key $" + std::string(key));
    }
    ASSIGN_OR_RETURN(Value value, FromJsonValue(item));
    list.push_back({std::string(key), std::move(value)});
  }
  return Value(std::move(list));
}

}  // namespace

json::value ToJsonValue(const Value& value) { return std::visit(ToJsonVisitor{}, value.variant()); }

Result<Value> FromJsonValue(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return Value();
    case json::kind::bool_: return Value(value.get_bool());
    case json::kind::int64: return Value(value.get_int64());
    case json::kind::uint64:
      return Fail(ErrorCode::kInvalidArgument, "integer over 2^63-1: " + std::to_string(value.get_uint64()));
    case json::kind::double_: return Value(value.get_double());
    case json::kind::string: return Value(std::string(value.get_string()));
    case json::kind::object: return FromObject(value.get_object());
    case json::kind::array: break;
  }
  Array array;
  array.reserve(value.get_array().size());
  for (const json::value& item : value.get_array()) {
    ASSIGN_OR_RETURN(Value element, FromJsonValue(item));
    array.push_back(std::move(element));
  }
  return Value(std::move(array));
}

json::object AttributesToJson(const Attributes& attributes) {
  json::object out;
  out.reserve(attributes.size());
  for (const auto& [key, value] : attributes) out[key] = ToJsonValue(value);
  return out;
}

Result<Attributes> AttributesFromJson(const json::object& object) {
  Attributes attributes;
  attributes.reserve(object.size());
  for (const auto& [key, item] : object) {
    ASSIGN_OR_RETURN(Value value, FromJsonValue(item));
    attributes.push_back({std::string(key), std::move(value)});
  }
  return attributes;
}

}  // namespace nightjar::model
