// A price that the operator has set: of a negotiated rate, a deployment's name, a model of one's own.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "pricing/rates.h"

namespace nightjar::pricing {

constexpr std::size_t kPatternBytesMax = 256;
constexpr std::size_t kOwnPricesMax = 1000;

struct OwnPrice {
  std::int64_t id = 0;
  // Regular expressions (RE2) that match whole names, upper and lower case alike. No provider: whichever.
  std::string provider;
  std::string model;
  std::string service_tier;  // "batch", "flex" …; empty: the standard one
  std::string valid_from;    // "2026-01-31", from its beginning in UTC; empty: since ever
  Rates rates;
  std::string note;
  UnixNanos created_unix_ns = 0;
  bool operator==(const OwnPrice&) const = default;
};

// kInvalidArgument names the field that cannot be: an expression that does not compile or is over kPatternBytesMax, a
// date that is none, a price without any rate.
Result<void> CheckOwnPrice(const OwnPrice& price);

}  // namespace nightjar::pricing
