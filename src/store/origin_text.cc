#include "store/origin_text.h"

#include "base/json.h"
#include "model/value_json.h"

namespace nightjar::store {
namespace {

void PutOrigin(const model::Attributes& attributes, std::uint32_t dropped, const std::string& schema_url,
               json::object& out) {
  if (!attributes.empty()) out["attributes"] = model::AttributesToJson(attributes);
  if (dropped != 0) out["dropped_attributes"] = dropped;
  if (!schema_url.empty()) out["schema_url"] = schema_url;
}

std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::object> ParseObject(std::string_view text) {
  auto value = ParseJson(text);
  if (!value || !value->is_object()) return Fail(ErrorCode::kDataLoss, "stored JSON text is not an object");
  return std::move(value->get_object());
}

template <typename Origin>
Result<void> ReadOrigin(const json::object& object, Origin& origin) {
  origin.schema_url = TextAt(object, "schema_url");
  if (const json::value* dropped = object.if_contains("dropped_attributes"))
    origin.dropped_attributes = dropped->to_number<std::uint32_t>();
  if (const json::value* attributes = object.if_contains("attributes")) {
    if (!attributes->is_object()) return Fail(ErrorCode::kDataLoss, "stored attributes are not a JSON object");
    ASSIGN_OR_RETURN(origin.attributes, model::AttributesFromJson(attributes->get_object()));
  }
  return {};
}

}  // namespace

std::string ResourceText(const model::Resource& resource) {
  json::object out;
  PutOrigin(resource.attributes, resource.dropped_attributes, resource.schema_url, out);
  return ToJson(out);
}

std::string ScopeText(const model::Scope& scope) {
  json::object out;
  if (!scope.name.empty()) out["name"] = scope.name;
  if (!scope.version.empty()) out["version"] = scope.version;
  PutOrigin(scope.attributes, scope.dropped_attributes, scope.schema_url, out);
  return ToJson(out);
}

std::string AttributesText(const model::Attributes& attributes) { return ToJson(model::AttributesToJson(attributes)); }

Result<model::Resource> ParseResource(std::string_view text) {
  ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  model::Resource resource;
  RETURN_IF_ERROR(ReadOrigin(object, resource));
  return resource;
}

Result<model::Scope> ParseScope(std::string_view text) {
  ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  model::Scope scope;
  scope.name = TextAt(object, "name");
  scope.version = TextAt(object, "version");
  RETURN_IF_ERROR(ReadOrigin(object, scope));
  return scope;
}

Result<model::Attributes> ParseAttributes(std::string_view text) {
  ASSIGN_OR_RETURN(const json::object object, ParseObject(text));
  return model::AttributesFromJson(object);
}

}  // namespace nightjar::store
