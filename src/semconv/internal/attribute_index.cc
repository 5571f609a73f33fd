#include "semconv/internal/attribute_index.h"

#include "base/check.h"

namespace nightjar::semconv::internal {
namespace {

// At least four times the number of keys and first segments, so that a miss is known by one look.
constexpr std::size_t kBuckets = 8192;

std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = RuleKeys::kEmptyHash;
  for (const char c : text) hash = RuleKeys::Grow(hash, c);
  return hash;
}

bool StartsWithDigit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

}  // namespace

RuleKeys::RuleKeys() : buckets_(kBuckets) {}

std::size_t RuleKeys::BucketOf(std::string_view text, std::uint64_t hash) const {
  std::size_t at = (hash ^ hash >> 32) % kBuckets;
  while (!buckets_[at].text.empty() && buckets_[at].text != text) at = (at + 1) % kBuckets;
  return at;
}

KeyNumber RuleKeys::Add(std::string_view key, DialectSet marked) {
  const std::string_view segment = key.substr(0, key.find('.'));
  Bucket& first = buckets_[BucketOf(segment, HashOf(segment))];
  first.text = segment;
  first.is_first_segment = true;
  Bucket& bucket = buckets_[BucketOf(key, HashOf(key))];
  bucket.text = key;
  if (bucket.number == kNone) {
    CHECK(keys_.size() < kBuckets / 4);
    bucket.number = static_cast<KeyNumber>(keys_.size());
    keys_.push_back(key);
    marked_.push_back(0);
  }
  marked_[bucket.number] |= marked;
  return bucket.number;
}

KeyNumber RuleKeys::Find(std::string_view key) const { return Find(key, HashOf(key)); }

KeyNumber RuleKeys::Find(std::string_view key, std::uint64_t hash) const {
  return buckets_[BucketOf(key, hash)].number;
}

bool RuleKeys::IsFirstSegment(std::string_view segment, std::uint64_t hash) const {
  return buckets_[BucketOf(segment, hash)].is_first_segment;
}

AttributeIndex::AttributeIndex(const model::Attributes& attributes, const RuleKeys& keys) : keys_(keys) {
  for (const model::Attribute& attribute : attributes)
    if (!attribute.value.empty()) File(attribute);
}

void AttributeIndex::File(const model::Attribute& attribute) {
  const std::string_view key = attribute.key;
  // Items of one list mostly follow each other.
  if (!last_list_.empty() && key.starts_with(last_list_) && StartsWithDigit(key.substr(last_list_.size()))) {
    FileBelow(last_list_number_, attribute);
    return;
  }
  std::uint64_t hash = RuleKeys::kEmptyHash;
  bool first_segment = true;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '.') {
      const std::string_view beginning = key.substr(0, i);
      if (first_segment && !keys_.IsFirstSegment(beginning, hash)) return;
      first_segment = false;
      const KeyNumber number = keys_.Find(beginning, hash);
      if (number != RuleKeys::kNone) FileBelow(number, attribute);
      if (StartsWithDigit(key.substr(i + 1))) {  // no rule's key goes on behind a list index
        if (number == RuleKeys::kNone) return;
        last_list_ = key.substr(0, i + 1);
        last_list_number_ = number;
        return;
      }
    }
    hash = RuleKeys::Grow(hash, key[i]);
  }
  if (const KeyNumber number = keys_.Find(key, hash); number != RuleKeys::kNone)
    PlaceOf(number).value = &attribute.value;
}

void AttributeIndex::FileBelow(KeyNumber key, const model::Attribute& attribute) {
  Place& place = PlaceOf(key);
  const auto link = static_cast<std::uint32_t>(below_.size());
  below_.push_back({&attribute, kEnd});
  (place.first_below == kEnd ? place.first_below : below_[place.last_below].next) = link;
  place.last_below = link;
}

AttributeIndex::Place& AttributeIndex::PlaceOf(KeyNumber key) {
  if (places_.empty()) places_.resize(keys_.size());
  marked_ |= keys_.marked(key);
  return places_[key];
}

TreeEntries AttributeIndex::Below(KeyNumber key) const {
  TreeEntries entries;
  if (places_.empty()) return entries;
  for (std::uint32_t at = places_[key].first_below; at != kEnd; at = below_[at].next)
    entries.push_back({below_[at].attribute->key, &below_[at].attribute->value});
  return entries;
}

}  // namespace nightjar::semconv::internal
