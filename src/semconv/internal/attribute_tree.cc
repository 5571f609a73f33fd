#include "semconv/internal/attribute_tree.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <ranges>
#include <utility>

#include "base/base64.h"

namespace nightjar::semconv::internal {
namespace {

using Entry = AttributeTree::Entry;

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

// Entries share the first `offset` characters, which end with a dot.
json::value Compose(std::span<const Entry> entries, std::size_t offset, int depth) {
  if (depth > kTreeDepthMax) return nullptr;
  json::object object;
  std::vector<std::pair<std::uint64_t, json::value>> list;
  for (std::size_t begin = 0; begin < entries.size();) {
    const std::string_view rest = entries[begin].key.substr(offset);
    const std::string_view segment = rest.substr(0, rest.find('.'));
    std::size_t end = begin + 1;
    const std::size_t length = offset + segment.size();
    while (end < entries.size() && entries[end].key.substr(offset).starts_with(segment) &&
           (entries[end].key.size() == length || entries[end].key[length] == '.'))
      ++end;
    const bool leaf = segment.size() == rest.size();
    const bool read = segment != "vector";
    json::value value = !read  ? json::value()
                        : leaf ? PlainJson(*entries[begin].value)
                               : Compose(entries.subspan(begin, end - begin), length + 1, depth + 1);
    begin = end;
    if (value.is_null()) continue;
    if (const auto index = ListIndex(segment)) {
      list.emplace_back(*index, std::move(value));
    } else {
      object[segment] = std::move(value);
    }
  }
  if (list.empty()) return object.empty() ? json::value() : json::value(std::move(object));
  std::ranges::stable_sort(list, {}, &std::pair<std::uint64_t, json::value>::first);
  json::array items;
  for (auto& [index, value] : list | std::views::take(kListItemsMax)) items.push_back(std::move(value));
  return items;
}

}  // namespace

json::value PlainJson(const model::Value& value) {
  if (const auto* flag = value.As<bool>()) return *flag;
  if (const auto* integer = value.As<std::int64_t>()) return *integer;
  if (const auto* real = value.As<double>()) return std::isfinite(*real) ? json::value(*real) : json::value();
  if (const auto* text = value.As<std::string>()) return json::string(*text);
  if (const auto* bytes = value.As<model::Bytes>()) return json::string(ToBase64(bytes->data));
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

AttributeTree::AttributeTree(const model::Attributes& attributes) {
  entries_.reserve(attributes.size());
  for (const auto& [key, value] : attributes)
    if (!value.empty()) entries_.push_back({key, &value});
  std::ranges::sort(entries_, TreeLess, &Entry::key);
}

std::span<const Entry> AttributeTree::Below(std::string_view prefix) const {
  const auto begin = std::ranges::lower_bound(entries_, prefix, TreeLess, &Entry::key);
  auto end = begin;
  while (end != entries_.end() && end->key.starts_with(prefix)) ++end;
  return {begin, end};
}

json::value AttributeTree::Read(std::string_view key) const {
  const auto at = std::ranges::lower_bound(entries_, key, TreeLess, &Entry::key);
  if (at == entries_.end() || !at->key.starts_with(key)) return nullptr;
  if (at->key.size() == key.size()) return PlainJson(*at->value);
  if (at->key[key.size()] != '.') return nullptr;
  auto end = at;
  while (end != entries_.end() && end->key.starts_with(key) && end->key[key.size()] == '.') ++end;
  return Compose({at, end}, key.size() + 1, 0);
}

bool AttributeTree::HasPrefix(std::string_view prefix) const {
  const auto at = std::ranges::lower_bound(entries_, prefix, TreeLess, &Entry::key);
  return at != entries_.end() && at->key.starts_with(prefix);
}

}  // namespace nightjar::semconv::internal
