// Finds the attributes that rules read. All keys of all rules are numbered once, when the program starts; one pass over
// a span's attributes then files each of them, so that a rule finds its value by number, and a span that speaks no
// dialect costs a look at each key and at its first segment.
#pragma once

#include <bitset>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/span.h"
#include "semconv/internal/attribute_tree.h"

namespace nightjar::semconv::internal {

using KeyNumber = std::uint16_t;
using DialectSet = std::uint32_t;   // a bit for each dialect
using FieldSet = std::bitset<128>;  // a bit for each field of a view

// An open hash table from text to number. Keys must outlive it.
class RuleKeys {
 public:
  static constexpr KeyNumber kNone = std::numeric_limits<KeyNumber>::max();
  struct Known {
    std::string_view key;
    DialectSet marked = 0;             // dialects that are present when a span has this key or one below it
    FieldSet fields;                   // that some rule reads here
    std::vector<KeyNumber> ancestors;  // the keys that this one lies below
  };
  struct Match {
    KeyNumber number = kNone;
    bool is_first_segment = false;  // some key starts with it
  };

  RuleKeys();

  // The number of `key`, which is a new one if it was not known.
  KeyNumber Add(std::string_view key, DialectSet marked, const FieldSet& fields);
  // To be called when all are added.
  void LinkAncestors();

  [[nodiscard]] Match Look(std::string_view text) const;
  [[nodiscard]] KeyNumber Find(std::string_view key) const { return Look(key).number; }
  [[nodiscard]] const Known& operator[](KeyNumber number) const { return keys_[number]; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Bucket {
    std::string_view text;
    Match match;
  };
  [[nodiscard]] std::size_t BucketOf(std::string_view text) const;

  std::vector<Bucket> buckets_;
  std::vector<Known> keys_;
};

// A view into the attributes and the keys, which must outlive it.
class AttributeIndex {
 public:
  AttributeIndex(const model::Attributes& attributes, const RuleKeys& keys);

  // No attribute is read by any rule.
  [[nodiscard]] bool empty() const { return places_.empty(); }
  [[nodiscard]] DialectSet marked() const { return marked_; }
  // Whether an attribute lies where some rule for the field reads.
  [[nodiscard]] bool MayGive(std::size_t field) const { return fields_[field]; }
  // Whether the span has the attribute or some below it.
  [[nodiscard]] bool Has(KeyNumber key) const { return !numbers_.empty() && numbers_[key] != 0; }
  // The value of the attribute; nullptr without one. Empty values are absent.
  [[nodiscard]] const model::Value* At(KeyNumber key) const {
    return Has(key) ? places_[numbers_[key] - 1].value : nullptr;
  }
  // The attributes below the key, in the order in which they were sent.
  [[nodiscard]] TreeEntries Below(KeyNumber key) const;

 private:
  static constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();
  struct Place {
    const model::Value* value = nullptr;
    std::uint32_t first_below = kEnd;  // places in below_
    std::uint32_t last_below = kEnd;
    std::uint32_t count_below = 0;
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
  FieldSet fields_;
  std::vector<std::uint16_t> numbers_;  // by key number, 1 + its place in places_; empty until an attribute is filed
  std::vector<Place> places_;
  std::vector<Link> below_;
  std::string_view last_list_;  // with its dot
  KeyNumber last_list_number_ = RuleKeys::kNone;
};

}  // namespace nightjar::semconv::internal
