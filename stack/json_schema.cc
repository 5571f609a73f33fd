#include "stack/json_schema.h"

#include <algorithm>
#include <string_view>

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownBytesMax = 200;

// "argument top_k", or "the arguments" for the whole.
std::string Subject(const std::string& name) { return name.empty() ? "the arguments" : "argument " + name; }

std::string Shown(const json::value& value) {
  std::string text = json::serialize(value);
  if (text.size() > kShownBytesMax) text = text.substr(0, kShownBytesMax) + "…";
  return text;
}

bool HasType(const json::value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  throw std::invalid_argument("the schema has the unknown type " + std::string(type));
}

void CheckNumber(const json::value& value, const json::object& schema, const std::string& name) {
  const auto number = value.to_number<double>();
  const json::value* minimum = schema.if_contains("minimum");
  if (minimum != nullptr && number < minimum->to_number<double>()) {
    throw SchemaError(Subject(name) + " must be at least " + json::serialize(*minimum) + ", not " + Shown(value));
  }
  const json::value* maximum = schema.if_contains("maximum");
  if (maximum != nullptr && number > maximum->to_number<double>()) {
    throw SchemaError(Subject(name) + " must be at most " + json::serialize(*maximum) + ", not " + Shown(value));
  }
}

void CheckMembers(const json::object& object, const json::object& schema, const std::string& name) {
  const std::string prefix = name.empty() ? "" : name + ".";
  if (const json::value* required = schema.if_contains("required")) {
    for (const json::value& member : required->as_array()) {
      const std::string path = prefix + std::string(member.as_string());
      if (!object.contains(member.as_string())) throw SchemaError(Subject(path) + " is missing");
    }
  }
  const json::value* properties = schema.if_contains("properties");
  const json::value* others = schema.if_contains("additionalProperties");
  for (const auto& [key, value] : object) {
    const std::string path = prefix + std::string(key);
    const json::value* property = properties == nullptr ? nullptr : properties->as_object().if_contains(key);
    if (property == nullptr) property = others;
    if (property == nullptr || property->is_bool()) {
      if (property != nullptr && !property->get_bool()) throw SchemaError(Subject(path) + " is unknown");
      continue;
    }
    CheckSchema(value, property->as_object(), path);
  }
}

}  // namespace

void CheckSchema(const json::value& value, const json::object& schema, const std::string& name) {
  if (const json::value* type = schema.if_contains("type"); type != nullptr && !HasType(value, type->as_string())) {
    throw SchemaError(Subject(name) + " must be of type " + std::string(type->as_string()) + ", not " + Shown(value));
  }
  if (const json::value* allowed = schema.if_contains("enum")) {
    if (std::ranges::find(allowed->as_array(), value) == allowed->get_array().end()) {
      throw SchemaError(Subject(name) + " must be one of " + json::serialize(*allowed) + ", not " + Shown(value));
    }
  }
  if (value.is_number()) CheckNumber(value, schema, name);
  if (value.is_object()) CheckMembers(value.get_object(), schema, name);
  const json::value* items = schema.if_contains("items");
  if (!value.is_array() || items == nullptr) return;
  for (std::size_t i = 0; i < value.get_array().size(); ++i) {
    CheckSchema(value.get_array()[i], items->as_object(), name + "[" + std::to_string(i) + "]");
  }
}

}  // namespace stack
