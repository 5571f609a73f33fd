// What the OTLP/JSON messages of all signals share.
#pragma once

#include <string>
#include <string_view>

#include "model/span.h"
#include "otlp/internal/json_fields.h"

namespace nightjar::otlp::internal {

// Recurses for values within values only, down to kValueDepthMax.
class JsonValues {
 public:
  JsonValues(simdjson::ondemand::parser& parser, Counters& counters) : parser_(parser), counters_(counters) {}

  // The text of an attribute or a name.
  std::string ReadString(JsonValue& value, std::string_view field);
  // An AnyValue.
  model::Value ReadValue(JsonValue value, std::string_view field) { return ReadValueAt(1, value, field); }
  // A list of KeyValues.
  model::Attributes ReadAttributes(JsonValue value, std::string_view field) {
    return ReadAttributesAt(1, value, field);
  }
  void ReadResource(JsonValue value, model::Resource& resource);
  void ReadScope(JsonValue value, model::Scope& scope);

 private:
  // `depth` is that of the value, or of the values in the list.
  model::Value ReadValueAt(int depth, JsonValue value, std::string_view field);
  model::Attributes ReadAttributesAt(int depth, JsonValue value, std::string_view field);
  model::Array ReadArray(int depth, JsonValue value);
  model::KeyValueList ReadKeyValueList(int depth, JsonValue value);
  std::string ReadMended(std::string_view quoted, std::string_view field);

  simdjson::ondemand::parser& parser_;
  Counters& counters_;
};

}  // namespace nightjar::otlp::internal
