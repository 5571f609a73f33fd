#include "semconv/internal/attribute_tree.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

#include "base/base64.h"
#include "base/utf8.h"

namespace nightjar::semconv::internal {
namespace {

// '.' sorts before every other character, so that all keys below one segment are neighbours: "a.b" < "a.b.c" < "a.b-c".
int Rank(char c) { return c == '.' ? 0 : static_cast<unsigned char>(c) + 1; }

bool TreeLess(std::string_view a, std::string_view b) {
  return std::ranges::lexicographical_compare(a, b, {}, Rank, Rank);
}

std::optional<std::uint64_t> ListIndex(std::string_view segment) {
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(segment.data(), segment.data() + segment.size(), index);
  if (error != std::errc() || end != segment.data() + segment.size()) return std::nullopt;
  return index;
}

std::string_view SegmentAt(std::string_view key, std::size_t offset) {
  const std::string_view rest = key.substr(offset);
  return rest.substr(0, rest.find('.'));
}

json::value Compose(std::span<const TreeEntry> entries, std::size_t offset, int depth);

// Entries that share a segment at `offset`: the leaf, when there is one, is the first in tree order.
json::value ComposeSegment(std::span<const TreeEntry> entries, std::size_t end_of_segment, int depth) {
  const TreeEntry& first = entries.front();
  if (first.key.size() == end_of_segment) return PlainJson(*first.value);
  return Compose(entries, end_of_segment + 1, depth + 1);
}

// Entries are in tree order.
json::value Compose(std::span<const TreeEntry> entries, std::size_t offset, int depth) {
  if (depth > kTreeDepthMax) return nullptr;
  if (const auto found = ListItems(entries, offset)) {
    json::array list;
    for (const ListItem& item : found->items)
      if (json::value value = ComposeSegment(item.entries, item.offset, depth); !value.is_null())
        list.push_back(std::move(value));
    return list.empty() ? json::value() : json::value(std::move(list));
  }
  json::object object;
  for (std::size_t begin = 0; begin < entries.size();) {
    const std::string_view segment = SegmentAt(entries[begin].key, offset);
    std::size_t end = begin + 1;
    while (end < entries.size() && SegmentAt(entries[end].key, offset) == segment) ++end;
    if (segment != "vector")
      if (json::value value = ComposeSegment(entries.subspan(begin, end - begin), offset + segment.size(), depth);
          !value.is_null())
        object[segment] = std::move(value);
    begin = end;
  }
  return object.empty() ? json::value() : json::value(std::move(object));
}

void SortTree(TreeEntries& entries) {
  if (!std::ranges::is_sorted(entries, TreeLess, &TreeEntry::key))
    std::ranges::sort(entries, TreeLess, &TreeEntry::key);
}

}  // namespace

json::value ListItem::Compose() const {
  TreeEntries sorted(entries.begin(), entries.end());
  SortTree(sorted);
  return ComposeSegment(sorted, offset, 0);
}

std::optional<ListEntries> ListItems(std::span<const TreeEntry> entries, std::size_t offset) {
  struct Indexed {
    std::uint64_t index;
    std::string_view segment;
    const TreeEntry* entry;
    [[nodiscard]] auto order() const { return std::pair(index, segment); }
  };
  std::vector<Indexed> indexed;
  for (const TreeEntry& entry : entries) {
    const std::string_view segment = SegmentAt(entry.key, offset);
    const auto index = ListIndex(segment);
    if (!index) continue;
    if (indexed.empty()) indexed.reserve(entries.size());
    indexed.push_back({*index, segment, &entry});
  }
  if (indexed.empty()) return std::nullopt;
  if (!std::ranges::is_sorted(indexed, {}, &Indexed::order)) std::ranges::stable_sort(indexed, {}, &Indexed::order);
  ListEntries list;
  list.entries.reserve(indexed.size());
  for (const Indexed& item : indexed) list.entries.push_back(*item.entry);
  for (std::size_t begin = 0; begin < indexed.size() && list.items.size() < kListItemsMax;) {
    std::size_t end = begin + 1;
    while (end < indexed.size() && indexed[end].order() == indexed[begin].order()) ++end;
    list.items.push_back({.entries = std::span(list.entries).subspan(begin, end - begin),
                          .offset = offset + indexed[begin].segment.size()});
    begin = end;
  }
  return list;
}

json::value ComposeTree(TreeEntries entries, std::size_t offset) {
  SortTree(entries);
  return Compose(entries, offset, 0);
}

json::value ReadTree(const model::Attributes& attributes, std::string_view key) {
  TreeEntries below;
  for (const auto& [name, value] : attributes) {
    if (value.empty() || !name.starts_with(key)) continue;
    if (name.size() == key.size()) return PlainJson(value);
    if (name[key.size()] == '.') below.push_back({name, &value});
  }
  return below.empty() ? json::value() : ComposeTree(std::move(below), key.size() + 1);
}

json::value PlainJson(const model::Value& value) {
  if (const auto* flag = value.As<bool>()) return *flag;
  if (const auto* integer = value.As<std::int64_t>()) return *integer;
  if (const auto* real = value.As<double>()) return std::isfinite(*real) ? json::value(*real) : json::value();
  if (const auto* text = value.As<std::string>()) return json::string(*text);
  // LangSmith sends its JSON as bytes.
  if (const auto* bytes = value.As<model::Bytes>())
    return json::string(IsValidUtf8(bytes->data) ? bytes->data : ToBase64(bytes->data));
  if (const auto* array = value.As<model::Array>()) {
    json::array out;
    out.reserve(array->size());
    for (const model::Value& item : *array) out.push_back(PlainJson(item));
    return out;
  }
  if (const auto* list = value.As<model::KeyValueList>()) {
    json::object out;
    for (const auto& [key, item] : *list) out[key] = PlainJson(item);
    return out;
  }
  return nullptr;
}

}  // namespace nightjar::semconv::internal
