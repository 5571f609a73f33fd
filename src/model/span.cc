#include "model/span.h"

namespace nightjar::model {

bool Value::operator==(const Value&) const = default;

const Value* Find(const Attributes& attributes, std::string_view key) {
  for (const Attribute& attribute : attributes)
    if (attribute.key == key) return &attribute.value;
  return nullptr;
}

std::string_view FindString(const Attributes& attributes, std::string_view key) {
  const Value* value = Find(attributes, key);
  const auto* text = value ? value->As<std::string>() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

}  // namespace nightjar::model
