// Baggage: names and values that travel with a request through all processes it reaches (W3C Baggage).
//
//   Scope scope(Context::Current().With(kBaggage, Baggage().With("tenant", "t-1")));
//   if (const Baggage* baggage = Context::Current().Find(kBaggage)) {
//     if (const std::string* tenant = baggage->Find("tenant")) span.SetAttribute("tenant", *tenant);
//   }
//
// Threads: baggage is a value; what is current belongs to the thread that calls.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nightjar/context.h"

namespace nightjar {

// An immutable value: any thread may read it. Names are tokens of HTTP; values may hold any text, and are
// percent-encoded on the way. Copies share their entries, and never fail.
//   const Baggage baggage = Baggage::Parse("tenant=t-1,plan=free;ttl=60").Without("plan");
//   for (const Baggage::Entry& entry : baggage.entries()) std::puts(entry.name.c_str());
//   std::puts(baggage.header().c_str());  // tenant=t-1
class Baggage {
 public:
  Baggage() = default;
  // A name and its value.
  struct Entry {
    std::string name;
    std::string value;
    std::string metadata;  // ";"-separated properties, sent as they are
    bool operator==(const Entry&) const = default;
  };

  // Reads a baggage header; leaves out what breaks the grammar. At most 64 entries and 8,192 bytes are kept, and what
  // there is memory for.
  static Baggage Parse(std::string_view header) noexcept;
  // At most 64 entries and 8,192 bytes; entries on top are left out. Empty when there is no memory.
  [[nodiscard]] std::string header() const noexcept;

  // Null when there is no such entry.
  [[nodiscard]] const std::string* Find(std::string_view name) const noexcept;
  // Replaces an entry with the same name. The same again when the name is no token, or there is no memory.
  [[nodiscard]] Baggage With(std::string_view name, std::string_view value,
                             std::string_view metadata = {}) const noexcept;
  [[nodiscard]] Baggage Without(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept;

 private:
  explicit Baggage(std::vector<Entry> entries);

  std::shared_ptr<const std::vector<Entry>> entries_;  // null: none
};

// Where a context has its baggage.
extern const ContextKey<Baggage> kBaggage;

}  // namespace nightjar
