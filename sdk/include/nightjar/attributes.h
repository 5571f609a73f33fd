// Attribute values: what a program may say about a span, an event, a link or a resource.
//
// Values are borrowed: they are read before the call they are passed to returns, and copied then. Text is stored as
// valid UTF-8; other bytes become U+FFFD.
//
// Threads: what is borrowed must not be changed by another thread meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace nightjar {

struct Attribute;
class AttributeMap;
class AttributeList;

// std::monostate is OTLP's empty value. std::vector, std::array and C arrays convert to the spans.
//   span.SetAttribute("text", "value");               span.SetAttribute("tries", 3);
//   span.SetAttribute("tags", std::vector<std::string>{"a", "b"});
using AttributeValue =
    std::variant<bool, std::int64_t, double, std::string_view, std::span<const std::string>,
                 std::span<const std::string_view>, std::span<const bool>, std::span<const std::int64_t>,
                 std::span<const double>, std::span<const std::byte>, AttributeMap, AttributeList, std::monostate>;

// Key and value pairs: the attributes of an event or a link, or a value that is an object. Made from braces it is gone
// at the end of the statement: pass it on, do not keep it.
//   span.AddEvent("cache miss", {{"key", "k1"}, {"tries", 2}});
//   const std::vector<Attribute> entries = {{"key", "k1"}};
//   span.AddEvent("cache miss", AttributeMap(entries));
// Any thread may read it.
class AttributeMap {
 public:
  AttributeMap() = default;
  AttributeMap(std::initializer_list<Attribute> entries) noexcept {
    entries_ = entries.begin();  // lives as long as the call
    size_ = entries.size();
  }
  explicit AttributeMap(const std::vector<Attribute>& entries) noexcept;
  [[nodiscard]] const Attribute* begin() const noexcept { return entries_; }
  [[nodiscard]] const Attribute* end() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  const Attribute* entries_ = nullptr;
  std::size_t size_ = 0;
};

// A list of values of any types. Lists and maps may nest to AttributeLimits' depth.
//   const AttributeValue items[] = {1, "two", false};
//   span.SetAttribute("mixed", AttributeList(items));
// Any thread may read it.
class AttributeList {
 public:
  AttributeList() = default;
  template <typename Value, std::size_t kSize>
    requires std::is_same_v<Value, AttributeValue>
  explicit AttributeList(const Value (&items)[kSize]) noexcept : items_(items), size_(kSize) {}
  template <typename Value>
    requires std::is_same_v<Value, AttributeValue>
  explicit AttributeList(const std::vector<Value>& items) noexcept : items_(items.data()), size_(items.size()) {}
  [[nodiscard]] const AttributeValue* begin() const noexcept { return items_; }
  [[nodiscard]] const AttributeValue* end() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  const AttributeValue* items_ = nullptr;
  std::size_t size_ = 0;
};

// A key and its value, both borrowed.
struct Attribute {
  std::string_view key;
  AttributeValue value;
};

inline AttributeMap::AttributeMap(const std::vector<Attribute>& entries) noexcept
    : entries_(entries.data()), size_(entries.size()) {}
inline const Attribute* AttributeMap::end() const noexcept { return entries_ + size_; }
inline const AttributeValue* AttributeList::end() const noexcept { return items_ + size_; }

// An attribute value that owns what it holds: what a finished span is read as, and what a sampler adds.
struct OwnedValue;
// Keys and values, in their order.
using OwnedAttributes = std::vector<std::pair<std::string, OwnedValue>>;
// One value; std::monostate is OTLP's empty one.
struct OwnedValue {
  // std::vector<std::byte> is OTLP's bytes, OwnedAttributes an object; lists of any kind are std::vector<OwnedValue>.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::byte>, std::vector<OwnedValue>,
               OwnedAttributes>
      value = {};
};
// Not defaulted inside: there the type of its own attributes is not complete.
inline bool operator==(const OwnedValue& a, const OwnedValue& b) { return a.value == b.value; }

}  // namespace nightjar
