// What a model charges for, in US dollars.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace nightjar::pricing {

// Per million tokens, but kRequest per request. Each kind below another in this list is a part of its whole: cached,
// audio and image tokens of the input, reasoning and audio tokens of the output.
enum class RateKind : std::uint8_t {
  kInput,
  kCacheRead,
  kCacheWrite,
  kCacheWrite1h,  // of the writes, those that live an hour
  kInputAudio,
  kInputImage,
  kOutput,
  kOutputAudio,
  kOutputReasoning,
  kRequest,
};
constexpr std::size_t kRateKinds = 10;

std::string_view Name(RateKind kind);  // "cache_write_1h"

// The dearer or cheaper rate of a long prompt. It is that of the whole request, not only of what is above.
struct Tier {
  std::uint64_t above = 0;  // prompt tokens, cached ones included
  double usd = 0;
  bool operator==(const Tier&) const = default;
};

struct Rate {
  double base_usd = 0;
  std::vector<Tier> tiers;  // ascending

  // Of the tiers the highest that the prompt is above; nullptr: the base counts.
  const Tier* TierOf(std::uint64_t prompt_tokens) const;
  double At(std::uint64_t prompt_tokens) const;
  bool operator==(const Rate&) const = default;
};

struct Rates {
  std::array<std::optional<Rate>, kRateKinds> by_kind;
  std::vector<std::string> uncounted;  // what is charged for besides, such as "audio_hours", and no span counts

  const std::optional<Rate>& operator[](RateKind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  std::optional<Rate>& operator[](RateKind kind) { return by_kind[static_cast<std::size_t>(kind)]; }
  bool operator==(const Rates&) const = default;
};

// {"input": 3, "output": {"base": 15, "tiers": [{"above": 200000, "rate": 22.5}]}}: kinds by name, each a number or a
// base with at most 16 tiers. kInvalidArgument names the member that is unknown, negative or over 1e9.
Result<Rates> ReadRates(const json::object& object);
json::object ToJson(const Rates& rates);  // without `uncounted`

}  // namespace nightjar::pricing
