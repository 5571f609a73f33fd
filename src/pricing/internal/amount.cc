// The prompt is cut into what has rates of its own, and the rest; so is the completion. A part is charged once: cached
// tokens are no longer plain input, reasoning is inside the output. Which of the cached tokens were audio no source
// tells; where that matters there is no price.
#include "pricing/internal/amount.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

namespace nightjar::pricing::internal {
namespace {

std::uint64_t Count(const std::optional<std::uint64_t>& tokens) { return tokens.value_or(0); }

// UINT64_MAX when it is more.
std::uint64_t Sum(const std::optional<std::uint64_t>& a, const std::optional<std::uint64_t>& b) {
  return Count(b) > UINT64_MAX - Count(a) ? UINT64_MAX : Count(a) + Count(b);
}

// A part that exceeds its whole; empty: none does.
std::string Impossible(const model::TokenUsage& tokens) {
  struct Part {
    std::string_view name;
    std::uint64_t tokens;
    std::string_view whole;
    std::optional<std::uint64_t> of;
  };
  const Part parts[] = {
      {"cache reads and writes", Sum(tokens.cache_read, tokens.cache_write), "prompt", tokens.prompt},
      {"hour-long cache writes", Count(tokens.cache_write_1h), "cache writes", tokens.cache_write},
      {"audio and images", Sum(tokens.prompt_audio, tokens.prompt_image), "prompt", tokens.prompt},
      {"reasoning", Count(tokens.reasoning), "completion", tokens.completion},
      {"audio", Count(tokens.completion_audio), "completion", tokens.completion},
  };
  for (const Part& part : parts)
    if (part.of && part.tokens > *part.of)
      return fmt::format("{} tokens of {} are more than the {} of {}", part.tokens, part.name, part.whole, *part.of);
  return {};
}

class Bill {
 public:
  Bill(const model::TokenUsage& tokens, const Rates& rates) : tokens_(tokens), rates_(rates) {}

  // Empty when it came out, else why not.
  std::string Make() {
    if (std::string why = Impossible(tokens_); !why.empty()) return why;
    if (!rates_.uncounted.empty())
      return fmt::format("the price is also by {}, which spans do not tell", fmt::join(rates_.uncounted, ", "));
    if (std::string why = ChargePrompt(); !why.empty()) return why;
    if (std::string why = ChargeCompletion(); !why.empty()) return why;
    cost_.total_usd = cost_.prompt_usd + cost_.completion_usd;
    if (const auto& fee = rates_[RateKind::kRequest]) {
      const double usd = fee->At(prompt_);
      cost_.lines.push_back({std::string(Name(RateKind::kRequest)), {}, {}, usd});
      cost_.total_usd += usd;
    }
    return {};
  }

  model::Cost TakeCost() { return std::move(cost_); }

 private:
  std::string ChargePrompt() {
    const auto& input = rates_[RateKind::kInput];
    if (!input) return "the price has no rate for input";
    // A model without output, an embedding's: the total is the prompt.
    const auto& prompt = tokens_.prompt || rates_[RateKind::kOutput] ? tokens_.prompt : tokens_.total;
    if (!prompt) return "how many tokens the prompt has is not known";
    prompt_ = rest_ = *prompt;

    const std::uint64_t audio = Count(tokens_.prompt_audio);
    if (audio > 0 && !rates_[RateKind::kInputAudio])
      return fmt::format("the price has no rate for {} audio tokens", audio);
    const std::uint64_t image = rates_[RateKind::kInputImage] ? Count(tokens_.prompt_image) : 0;
    const std::uint64_t hour = Count(tokens_.cache_write_1h);
    const std::uint64_t write = std::max(Count(tokens_.cache_write), hour) - hour;
    if (hour > 0 && !rates_[RateKind::kCacheWrite1h])
      return fmt::format("the price has no rate for {} tokens cached for an hour", hour);
    const bool cached = (Count(tokens_.cache_read) > 0 && rates_[RateKind::kCacheRead]) || hour > 0 ||
                        (write > 0 && rates_[RateKind::kCacheWrite]);
    if (cached && audio + image > 0) return "how many of the cached tokens are audio or images is not known";

    if (tokens_.cache_read || tokens_.cache_write) cost_.cache_savings_usd = 0;
    ChargeCache(RateKind::kCacheRead, Count(tokens_.cache_read));
    ChargeCache(RateKind::kCacheWrite, write);
    ChargeCache(RateKind::kCacheWrite1h, hour);
    Take(RateKind::kInputAudio, audio, cost_.prompt_usd);
    Take(RateKind::kInputImage, image, cost_.prompt_usd);
    Take(RateKind::kInput, rest_, cost_.prompt_usd);
    return {};
  }

  std::string ChargeCompletion() {
    const bool has_rate = rates_[RateKind::kOutput].has_value();
    if (!has_rate && Count(tokens_.completion) > 0)
      return fmt::format("the price has no rate for {} tokens of output", *tokens_.completion);
    if (!has_rate) return {};
    if (!tokens_.completion) return "how many tokens the completion has is not known";
    rest_ = *tokens_.completion;
    const std::uint64_t audio = Count(tokens_.completion_audio);
    if (audio > 0 && !rates_[RateKind::kOutputAudio])
      return fmt::format("the price has no rate for {} audio tokens of output", audio);
    const std::uint64_t reasoning = rates_[RateKind::kOutputReasoning] ? Count(tokens_.reasoning) : 0;
    if (audio + reasoning > rest_) return "how many of the reasoning tokens are audio is not known";
    Take(RateKind::kOutputAudio, audio, cost_.completion_usd);
    Take(RateKind::kOutputReasoning, reasoning, cost_.completion_usd);
    Take(RateKind::kOutput, rest_, cost_.completion_usd);
    return {};
  }

  // Parts of the prompt that would have cost the plain rate. Without a rate they do.
  void ChargeCache(RateKind kind, std::uint64_t tokens) {
    if (tokens == 0 || !rates_[kind]) return;
    const double saved_per_million = rates_[RateKind::kInput]->At(prompt_) - rates_[kind]->At(prompt_);
    *cost_.cache_savings_usd += static_cast<double>(tokens) * saved_per_million / 1e6;
    Take(kind, tokens, cost_.prompt_usd);
  }

  void Take(RateKind kind, std::uint64_t tokens, double& sum_usd) {
    if (tokens == 0) return;
    const double rate = rates_[kind]->At(prompt_);
    const Tier* tier = rates_[kind]->TierOf(prompt_);
    const double usd = static_cast<double>(tokens) * rate / 1e6;
    cost_.lines.push_back(
        {std::string(Name(kind)), tokens, rate, usd, tier ? std::optional(tier->above) : std::nullopt});
    sum_usd += usd;
    rest_ -= tokens;
  }

  const model::TokenUsage& tokens_;
  const Rates& rates_;
  std::uint64_t prompt_ = 0;
  std::uint64_t rest_ = 0;  // of the prompt, then of the completion, what is in no line yet
  model::Cost cost_;
};

}  // namespace

Priced Amount(const model::TokenUsage& tokens, const Rates& rates, model::PriceReference price) {
  Bill bill(tokens, rates);
  if (std::string why = bill.Make(); !why.empty()) return {std::nullopt, std::move(why)};
  model::Cost cost = bill.TakeCost();
  cost.price = std::move(price);
  return {std::move(cost), {}};
}

}  // namespace nightjar::pricing::internal
