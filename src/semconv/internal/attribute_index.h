// Finds the attributes that rules read. All keys of all rules are numbered once, when the program starts; one pass over
// a span's attributes then files each of them, so that a rule finds its value by number, and a span that speaks no
// dialect costs one look at the first segment of each key.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/span.h"
#include "semconv/internal/attribute_tree.h"

namespace nightjar::semconv::internal {

using KeyNumber = std::uint16_t;
using DialectSet = std::uint32_t;  // a bit for each dialect

// An open hash table from text to number. Keys must outlive it.
class RuleKeys {
 public:
  static constexpr KeyNumber kNone = std::numeric_limits<KeyNumber>::max();
  // Hashes grow by one character at a time, so that the hash of a key passes through those of its beginnings.
  static constexpr std::uint64_t kEmptyHash = 14695981039346656037u;
  static std::uint64_t Grow(std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;  // FNV-1a
  }

  RuleKeys();

  // The number of `key`, which is a new one if it was not known. `marked`: dialects that are present when a span has
  // this key or one below it.
  KeyNumber Add(std::string_view key, DialectSet marked);

  [[nodiscard]] KeyNumber Find(std::string_view key) const;
  // `hash` is the key's.
  [[nodiscard]] KeyNumber Find(std::string_view key, std::uint64_t hash) const;
  // Whether a key starts with this segment.
  [[nodiscard]] bool IsFirstSegment(std::string_view segment, std::uint64_t hash) const;

  [[nodiscard]] DialectSet marked(KeyNumber number) const { return marked_[number]; }
  [[nodiscard]] std::string_view key(KeyNumber number) const { return keys_[number]; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Bucket {
    std::string_view text;
    KeyNumber number = kNone;
    bool is_first_segment = false;
  };
  [[nodiscard]] std::size_t BucketOf(std::string_view text, std::uint64_t hash) const;

  std::vector<Bucket> buckets_;
  std::vector<std::string_view> keys_;
  std::vector<DialectSet> marked_;
};

// A view into the attributes and the keys, which must outlive it.
class AttributeIndex {
 public:
  AttributeIndex(const model::Attributes& attributes, const RuleKeys& keys);

  // No attribute is read by any rule.
  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] DialectSet marked() const { return marked_; }
  // The value of the attribute; nullptr without one. Empty values are absent.
  [[nodiscard]] const model::Value* At(KeyNumber key) const { return places_.empty() ? nullptr : places_[key].value; }
  [[nodiscard]] bool HasBelow(KeyNumber key) const { return !places_.empty() && places_[key].first_below != kEnd; }
  // The attributes below the key, in the order in which they were sent.
  [[nodiscard]] TreeEntries Below(KeyNumber key) const;

 private:
  static constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();
  struct Place {
    const model::Value* value = nullptr;
    std::uint32_t first_below = kEnd;  // places in below_
    std::uint32_t last_below = kEnd;
  };
  struct Link {
    const model::Attribute* attribute;
    std::uint32_t next;
  };
  void File(const model::Attribute& attribute);
  void FileBelow(KeyNumber key, const model::Attribute& attribute);
  Place& PlaceOf(KeyNumber key);

  const RuleKeys& keys_;
  DialectSet marked_ = 0;
  std::vector<Place> places_;  // by key number; empty until an attribute is filed
  std::vector<Link> below_;
  std::string_view last_list_;  // with its dot
  KeyNumber last_list_number_ = RuleKeys::kNone;
};

}  // namespace nightjar::semconv::internal
