#include "nightjar/baggage.h"

#include <algorithm>

#include "never_destroyed.h"
#include "text.h"

namespace nightjar {
namespace {

constexpr std::size_t kEntriesMax = 64;
constexpr std::size_t kHeaderBytesMax = 8'192;

// A token of RFC 7230.
bool IsName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// "baggage-octet" of W3C Baggage, but "%", which marks what is encoded.
bool StandsForItself(char c) {
  return c == 0x21 || (c >= 0x23 && c <= 0x2B && c != '%') || (c >= 0x2D && c <= 0x3A) || (c >= 0x3C && c <= 0x5B) ||
         (c >= 0x5D && c <= 0x7E);
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (StandsForItself(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += "0123456789ABCDEF"[byte >> 4];
    encoded += "0123456789ABCDEF"[byte & 15];
  }
  return encoded;
}

}  // namespace

const ContextKey<Baggage> kBaggage;

Baggage::Baggage(std::vector<Entry> entries)
    : entries_(std::make_shared<const std::vector<Entry>>(std::move(entries))) {}

const std::vector<Baggage::Entry>& Baggage::entries() const noexcept {
  static const sdk::NeverDestroyed<std::vector<Entry>> none;
  return entries_ == nullptr ? *none : *entries_;
}

Baggage Baggage::Parse(std::string_view header) noexcept {
  Baggage baggage;
  header = header.substr(0, kHeaderBytesMax);
  for (sdk::Split members(header, ','); members.Next();) {
    const std::string_view member = members.item();
    const std::string_view pair = member.substr(0, member.find(';'));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || baggage.entries().size() == kEntriesMax) continue;
    const std::string_view value = sdk::Trim(pair.substr(equals + 1));
    if (!std::ranges::all_of(value, [](char c) { return StandsForItself(c) || c == '%'; })) continue;
    const std::string_view metadata = pair.size() < member.size() ? sdk::Trim(member.substr(pair.size() + 1)) : "";
    try {
      baggage = baggage.With(sdk::Trim(pair.substr(0, equals)), sdk::PercentDecode(value), metadata);
    } catch (...) {
      // No memory for this entry.
    }
  }
  return baggage;
}

std::string Baggage::header() const noexcept try {
  std::string header;
  std::size_t count = 0;
  for (const Entry& entry : entries()) {
    std::string member = entry.name + "=" + PercentEncode(entry.value);
    if (!entry.metadata.empty()) member += ";" + entry.metadata;
    if (count == kEntriesMax || header.size() + member.size() + 1 > kHeaderBytesMax) continue;
    if (count++ > 0) header += ',';
    header += member;
  }
  return header;
} catch (...) {
  return {};
}

const std::string* Baggage::Find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(entries(), name, &Entry::name);
  return found == entries().end() ? nullptr : &found->value;
}

Baggage Baggage::With(std::string_view name, std::string_view value, std::string_view metadata) const noexcept try {
  if (!IsName(name)) return *this;
  std::vector<Entry> copy = entries();
  Entry entry{std::string(name), std::string(value), std::string(metadata)};
  const auto found = std::ranges::find(copy, name, &Entry::name);
  if (found == copy.end()) {
    copy.push_back(std::move(entry));
  } else {
    *found = std::move(entry);
  }
  return Baggage(std::move(copy));
} catch (...) {
  return *this;
}

Baggage Baggage::Without(std::string_view name) const noexcept try {
  std::vector<Entry> copy = entries();
  std::erase_if(copy, [&](const Entry& entry) { return entry.name == name; });
  return Baggage(std::move(copy));
} catch (...) {
  return *this;
}

}  // namespace nightjar
