// The lossless JSON form of attribute values, used in storage and in the Span JSON. Format: docs/formats/value_json.md.
#pragma once

#include "base/json.h"
#include "model/span.h"

namespace nightjar::model {

json::value ToJsonValue(const Value& value);
// The inverse; kInvalidArgument for JSON that ToJsonValue does not make.
Result<Value> FromJsonValue(const json::value& value);

// One object, keys as they are: only the keys of nested lists need the '$' rule.
json::object AttributesToJson(const Attributes& attributes);
Result<Attributes> AttributesFromJson(const json::object& object);

}  // namespace nightjar::model
