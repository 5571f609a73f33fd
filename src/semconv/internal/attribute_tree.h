// Reads attributes whose keys spell a tree: `llm.input_messages.0.message.role` is the role of the first message. The
// subtree comes as JSON, so that the same readers serve flattened keys, JSON text and structured values.
#pragma once

#include <optional>
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

// Entries of one tree: their keys start with the same characters, up to and with a dot. Views into attributes, which
// must outlive them.
struct TreeEntry {
  std::string_view key;
  const model::Value* value;
};
using TreeEntries = std::vector<TreeEntry>;

// An item of the list that entries spell below their first characters: its entries, and how many of their first
// characters are the item's own.
struct ListItem {
  std::span<const TreeEntry> entries;
  std::size_t offset = 0;

  // Null when nothing of it is read.
  [[nodiscard]] json::value Compose() const;
};
// A list is in index order without gaps, whatever the indices are. To be moved, not copied: items look into `entries`.
struct ListEntries {
  TreeEntries entries;
  std::vector<ListItem> items;
};
// Nothing when no key goes on with an index behind its first `offset` characters.
std::optional<ListEntries> ListItems(std::span<const TreeEntry> entries, std::size_t offset);

// The list or object that the entries spell below their first `offset` characters. Embedding vectors, which are big and
// shown by no view, are left out. Null when nothing is left.
json::value ComposeTree(TreeEntries entries, std::size_t offset);

// The value of the attribute `key`; without one, the tree that the keys below it spell; otherwise null. Empty values
// are absent. For the few attributes of an event: a span's own are read through AttributeIndex.
json::value ReadTree(const model::Attributes& attributes, std::string_view key);

// A value as plain JSON: unlike model/value_json.h without escapes, and NaN as null.
json::value PlainJson(const model::Value& value);

}  // namespace nightjar::semconv::internal
