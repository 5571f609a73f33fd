// What a call cost, explained: each line is tokens × rate, and the lines add up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace nightjar::model {

// `what` is "input" (what is in no other line of the prompt), "cache_read", "output" … as pricing::RateKind has them;
// "request" is a fee of the whole request, without tokens and a rate. `above`: the rate is that of prompts longer than
// so many tokens.
struct CostLine {
  std::string what;
  std::optional<std::uint64_t> tokens;
  std::optional<double> usd_per_million;
  double usd = 0;
  std::optional<std::uint64_t> above = std::nullopt;
  bool operator==(const CostLine&) const = default;
};

// Which price was used: "anthropic/claude-sonnet-4-6" since "2026-03-13" (empty: since ever), from "genai-prices
// 0.2.3".
struct PriceReference {
  std::string id;
  std::string date;
  std::string source;
  bool operator==(const PriceReference&) const = default;
};

struct Cost {
  double total_usd = 0;
  double prompt_usd = 0;
  double completion_usd = 0;
  std::vector<CostLine> lines;
  PriceReference price;
  // What the prompt would have cost without a cache, less what it cost; negative when writing cost more than reading
  // saved. Absent when the call does not tell of a cache.
  std::optional<double> cache_savings_usd;
  bool operator==(const Cost&) const = default;
};

}  // namespace nightjar::model
