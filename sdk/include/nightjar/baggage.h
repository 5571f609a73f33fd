// Baggage: names and values that travel with a request through all processes it reaches (W3C Baggage).
//
//   Scope scope(Context::Current().With(kBaggage, Baggage().With("tenant", "t-1")));
//   if (const Baggage* baggage = Context::Current().Find(kBaggage)) {
//     if (const std::string* tenant = baggage->Find("tenant")) span.SetAttribute("tenant", *tenant);
//   }
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nightjar/context.h"

namespace nightjar {

// An immutable value. Names are tokens of HTTP; values may hold any text, and are percent-encoded on the way.
//   const Baggage baggage = Baggage::Parse("tenant=t-1,plan=free;ttl=60").Without("plan");
//   for (const Baggage::Entry& entry : baggage.entries()) std::puts(entry.name.c_str());
//   std::puts(baggage.header().c_str());  // tenant=t-1
class Baggage {
 public:
  struct Entry {
    std::string name;
    std::string value;
    std::string metadata;  // ";"-separated properties, sent as they are
    bool operator==(const Entry&) const = default;
  };

  // Reads a baggage header; leaves out what breaks the grammar. At most 64 entries and 8,192 bytes are kept.
  static Baggage Parse(std::string_view header);
  // At most 64 entries and 8,192 bytes; entries on top are left out.
  [[nodiscard]] std::string header() const;

  // Null when there is no such entry.
  [[nodiscard]] const std::string* Find(std::string_view name) const noexcept;
  // Replaces an entry with the same name. The same again when the name is no token.
  [[nodiscard]] Baggage With(std::string_view name, std::string_view value, std::string_view metadata = {}) const;
  [[nodiscard]] Baggage Without(std::string_view name) const;
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

 private:
  std::vector<Entry> entries_;
};

extern const ContextKey<Baggage> kBaggage;

}  // namespace nightjar
