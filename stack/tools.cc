#include "stack/tools.h"

#include <algorithm>

#include "stack/json_schema.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::size_t kNameBytesMax = 64;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

json::object ParametersSchema(const std::vector<Parameter>& parameters, std::vector<json::object> schemas,
                              const std::vector<bool>& optional) {
  json::object properties;
  json::array required;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    json::object& schema = schemas[i];
    if (!parameters[i].description.empty()) schema["description"] = parameters[i].description;
    for (const auto& [keyword, value] : parameters[i].constraints) schema[keyword] = value;
    properties[parameters[i].name] = std::move(schema);
    if (!optional[i]) required.emplace_back(parameters[i].name);
  }
  return {{"type", "object"}, {"properties", properties}, {"required", required}, {"additionalProperties", false}};
}

void ToolRegistry::Register(Tool tool) {
  if (!IsName(tool.name)) throw ToolError("not a name for a tool: " + tool.name);
  const auto [slot, added] = tools_.try_emplace(tool.name);
  if (!added) throw ToolError("tool " + tool.name + " is already registered");
  slot->second = std::move(tool);
}

const Tool* ToolRegistry::Find(std::string_view name) const {
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : &found->second;
}

json::value ToolRegistry::Call(std::string_view name, const json::object& arguments) const {
  const Tool* tool = Find(name);
  if (tool == nullptr) throw ToolError("tool " + std::string(name) + " is unknown");
  try {
    CheckSchema(arguments, tool->parameters, "");
  } catch (const SchemaError& error) {
    throw ToolError(error.what());
  }
  return tool->call(arguments);
}

json::array ToolRegistry::Schemas() const {
  json::array schemas;
  for (const auto& [name, tool] : tools_) {
    schemas.push_back(
        {{"type", "function"},
         {"function", {{"name", tool.name}, {"description", tool.description}, {"parameters", tool.parameters}}}});
  }
  return schemas;
}

}  // namespace stack
