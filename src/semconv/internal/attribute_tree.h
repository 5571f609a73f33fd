// Reads attributes whose keys spell a tree: `llm.input_messages.0.message.role` is the role of the first message. One
// read gives the whole subtree as JSON, so that the same readers serve flattened keys, JSON text and structured values.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/span.h"

namespace nightjar::semconv::internal {

// Of one list at most this many items are read, those with the lowest indices.
constexpr std::size_t kListItemsMax = 10'000;
// Segments below the key that is read; what lies deeper is left out.
constexpr int kTreeDepthMax = 24;

// A view into the attributes, which must outlive it.
class AttributeTree {
 public:
  explicit AttributeTree(const model::Attributes& attributes);

  // The value of the attribute `key`; without one, the object or list that the keys below it spell; otherwise null. A
  // list is in index order without gaps, whatever the indices are. Empty values are absent, and so are embedding
  // vectors, which are big and shown by no view.
  [[nodiscard]] json::value Read(std::string_view key) const;

  // True if an attribute's key is `prefix` or starts with it.
  [[nodiscard]] bool HasPrefix(std::string_view prefix) const;

  struct Entry {
    std::string_view key;
    const model::Value* value;
  };
  // All attributes whose key starts with `prefix`, in tree order.
  [[nodiscard]] std::span<const Entry> Below(std::string_view prefix) const;

 private:
  std::vector<Entry> entries_;
};

// A value as plain JSON: unlike model/value_json.h without escapes, and NaN as null.
json::value PlainJson(const model::Value& value);

}  // namespace nightjar::semconv::internal
