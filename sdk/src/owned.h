// Copies of owned values that may fail: libstdc++ 12 crashes when memory ends while it copies a std::variant of them,
// whose destructor then takes it for one that is never without a value.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "nightjar/attributes.h"

namespace nightjar::sdk {

// Throw std::bad_alloc.
OwnedValue CopyOf(const OwnedValue& value);
OwnedAttributes CopyOf(const OwnedAttributes& attributes);

inline OwnedValue CopyOf(const OwnedValue& value) {
  return std::visit(
      []<typename Content>(const Content& content) -> OwnedValue {
        if constexpr (std::is_same_v<Content, OwnedAttributes>) {
          return {CopyOf(content)};
        } else if constexpr (std::is_same_v<Content, std::vector<OwnedValue>>) {
          std::vector<OwnedValue> copy;
          copy.reserve(content.size());
          for (const OwnedValue& item : content) copy.push_back(CopyOf(item));
          return {std::move(copy)};
        } else {
          return {content};
        }
      },
      value.value);
}

inline OwnedAttributes CopyOf(const OwnedAttributes& attributes) {
  OwnedAttributes copy;
  copy.reserve(attributes.size());
  for (const auto& [key, value] : attributes) copy.emplace_back(key, CopyOf(value));
  return copy;
}

}  // namespace nightjar::sdk
