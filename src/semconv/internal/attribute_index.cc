#include "semconv/internal/attribute_index.h"

#include <xxhash.h>

#include "base/check.h"

namespace nightjar::semconv::internal {
namespace {

// At least four times the number of keys and first segments, so that a miss is known by one look.
constexpr std::size_t kBuckets = 8192;

bool StartsWithDigit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

}  // namespace

RuleKeys::RuleKeys() : buckets_(kBuckets) {}

std::size_t RuleKeys::BucketOf(std::string_view text) const {
  std::size_t at = XXH3_64bits(text.data(), text.size()) % kBuckets;
  while (!buckets_[at].text.empty() && buckets_[at].text != text) at = (at + 1) % kBuckets;
  return at;
}

KeyNumber RuleKeys::Add(std::string_view key, DialectSet marked, const FieldSet& fields) {
  const std::string_view segment = key.substr(0, key.find('.'));
  Bucket& first = buckets_[BucketOf(segment)];
  first.text = segment;
  first.match.is_first_segment = true;
  Bucket& bucket = buckets_[BucketOf(key)];
  bucket.text = key;
  if (bucket.match.number == kNone) {
    CHECK(keys_.size() < kBuckets / 4);
    bucket.match.number = static_cast<KeyNumber>(keys_.size());
    keys_.push_back({.key = key, .marked = 0, .fields = {}, .ancestors = {}});
  }
  Known& known = keys_[bucket.match.number];
  known.marked |= marked;
  known.fields |= fields;
  return bucket.match.number;
}

void RuleKeys::LinkAncestors() {
  for (Known& known : keys_)
    for (std::size_t dot = known.key.find('.'); dot != std::string_view::npos; dot = known.key.find('.', dot + 1))
      if (const KeyNumber number = Find(known.key.substr(0, dot)); number != kNone) known.ancestors.push_back(number);
}

RuleKeys::Match RuleKeys::Look(std::string_view text) const { return buckets_[BucketOf(text)].match; }

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
  if (const KeyNumber number = keys_.Find(key); number != RuleKeys::kNone) {
    for (const KeyNumber ancestor : keys_[number].ancestors) FileBelow(ancestor, attribute);
    PlaceOf(number).value = &attribute.value;
    return;
  }
  const std::size_t first = key.find('.');
  for (std::size_t dot = first; dot != std::string_view::npos; dot = key.find('.', dot + 1)) {
    const RuleKeys::Match match = keys_.Look(key.substr(0, dot));
    if (dot == first && !match.is_first_segment) return;
    if (match.number != RuleKeys::kNone) FileBelow(match.number, attribute);
    if (StartsWithDigit(key.substr(dot + 1))) {  // no rule's key goes on behind a list index
      if (match.number == RuleKeys::kNone) return;
      last_list_ = key.substr(0, dot + 1);
      last_list_number_ = match.number;
      return;
    }
  }
}

void AttributeIndex::FileBelow(KeyNumber key, const model::Attribute& attribute) {
  Place& place = PlaceOf(key);
  const auto link = static_cast<std::uint32_t>(below_.size());
  below_.push_back({&attribute, kEnd});
  (place.first_below == kEnd ? place.first_below : below_[place.last_below].next) = link;
  place.last_below = link;
  ++place.count_below;
}

AttributeIndex::Place& AttributeIndex::PlaceOf(KeyNumber key) {
  constexpr std::size_t kUsualPlaces = 32;
  if (numbers_.empty()) {
    numbers_.resize(keys_.size());
    places_.reserve(kUsualPlaces);
    below_.reserve(kUsualPlaces);
  }
  std::uint16_t& number = numbers_[key];
  if (number == 0) {
    marked_ |= keys_[key].marked;
    fields_ |= keys_[key].fields;
    places_.emplace_back();
    number = static_cast<std::uint16_t>(places_.size());
  }
  return places_[number - 1];
}

TreeEntries AttributeIndex::Below(KeyNumber key) const {
  TreeEntries entries;
  if (!Has(key)) return entries;
  const Place& place = places_[numbers_[key] - 1];
  entries.reserve(place.count_below);
  for (std::uint32_t at = place.first_below; at != kEnd; at = below_[at].next)
    entries.push_back({below_[at].attribute->key, &below_[at].attribute->value});
  return entries;
}

}  // namespace nightjar::semconv::internal
