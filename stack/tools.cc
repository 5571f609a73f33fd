#include "stack/tools.h"

#include <chrono>
#include <ctime>

namespace stack {
namespace {

namespace json = boost::json;

bool HasType(const json::value& value, std::string_view type) {
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_bool();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  throw ToolError("schema has the unknown type " + std::string(type));
}

void CheckValue(std::string_view name, const json::value& value, const json::object& schema) {
  const json::value* type = schema.if_contains("type");
  if (type != nullptr && !HasType(value, type->as_string())) {
    throw ToolError("argument " + std::string(name) + " must be of type " + std::string(type->as_string()) + ", not " +
                    json::serialize(value));
  }
  if (!value.is_number()) return;
  const auto number = value.to_number<double>();
  const json::value* minimum = schema.if_contains("minimum");
  const json::value* maximum = schema.if_contains("maximum");
  if ((minimum != nullptr && number < minimum->to_number<double>()) ||
      (maximum != nullptr && number > maximum->to_number<double>())) {
    throw ToolError("argument " + std::string(name) + " is out of range: " + json::serialize(value));
  }
}

void CheckArguments(const json::object& arguments, const json::object& schema) {
  const json::object& properties = schema.at("properties").as_object();
  if (const json::value* required = schema.if_contains("required")) {
    for (const json::value& name : required->as_array()) {
      if (!arguments.contains(name.as_string())) {
        throw ToolError("argument " + std::string(name.as_string()) + " is missing");
      }
    }
  }
  for (const auto& [name, value] : arguments) {
    const json::value* property = properties.if_contains(name);
    if (property == nullptr) throw ToolError("argument " + std::string(name) + " is unknown");
    CheckValue(name, value, property->as_object());
  }
}

}  // namespace

void ToolRegistry::Register(Tool tool) {
  const auto [slot, added] = tools_.try_emplace(tool.name);
  if (!added) throw ToolError("tool " + tool.name + " is already registered");
  slot->second = std::move(tool);
}

json::value ToolRegistry::Call(std::string_view name, const json::object& arguments) const {
  const auto found = tools_.find(name);
  if (found == tools_.end()) throw ToolError("tool " + std::string(name) + " is unknown");
  CheckArguments(arguments, found->second.parameters);
  return found->second.call(arguments);
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

Tool NowTool() {
  return {.name = "now",
          .description = "The current date and time in UTC.",
          .parameters = {{"type", "object"}, {"properties", json::object()}},
          .call = [](const json::object&) -> json::value {
            const std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
            std::tm utc{};
            gmtime_r(&seconds, &utc);
            char text[32];
            std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
            return {{"utc", text}};
          }};
}

Tool SearchDocsTool(const HybridRetriever& retriever) {
  return {.name = "search_docs",
          .description = "Searches the notes. Returns the best chunks with their ids and scores.",
          .parameters = {{"type", "object"},
                         {"properties",
                          {{"query", {{"type", "string"}}},
                           {"top_k", {{"type", "integer"}, {"minimum", 1}, {"maximum", 10}}}}},
                         {"required", {"query"}}},
          .call = [&retriever](const json::object& arguments) -> json::value {
            RetrievalConfig config;
            if (const json::value* top_k = arguments.if_contains("top_k")) {
              config.n_after_rerank = top_k->to_number<std::size_t>();
            }
            json::array documents;
            for (const auto& document : retriever.Retrieve(arguments.at("query").as_string(), config)) {
              documents.push_back({{"id", document.id}, {"score", document.score}, {"text", document.text}});
            }
            return documents;
          }};
}

Tool FetchChunkTool(const HybridRetriever& retriever) {
  return {.name = "fetch_chunk",
          .description = "Returns one chunk of the notes by its id.",
          .parameters = {{"type", "object"},
                         {"properties", {{"chunk_id", {{"type", "string"}}}}},
                         {"required", {"chunk_id"}}},
          .call = [&retriever](const json::object& arguments) -> json::value {
            const std::string id(arguments.at("chunk_id").as_string());
            const Chunk* chunk = retriever.Find(id);
            if (chunk == nullptr) throw ToolError("there is no chunk " + id);
            return {{"id", chunk->id}, {"text", chunk->text}};
          }};
}

}  // namespace stack
