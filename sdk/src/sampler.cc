#include "nightjar/sampler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

#include "never_destroyed.h"
#include "probability.h"
#include "provider_state.h"
#include "text.h"

namespace nightjar {
namespace sdk {
namespace {

constexpr std::string_view kVendor = "ot";

// The value of sub-key `key` in an "ot" entry, "th:c;rv:6e6d1a75832a2f"; empty when it is not there.
std::string_view SubValue(std::string_view entry, std::string_view key) {
  for (Split fields(entry, ';'); fields.Next();) {
    const std::string_view field = fields.item();
    if (field.size() > key.size() && field.starts_with(key) && field[key.size()] == ':')
      return field.substr(key.size() + 1);
  }
  return {};
}

std::optional<std::uint64_t> ParseThreshold(std::string_view digits) {
  const auto number = digits.size() <= 14 ? ParseHex(digits) : std::nullopt;
  if (!number) return std::nullopt;
  return *number << (4 * (14 - digits.size()));
}

class Always final : public Sampler {
 public:
  explicit Always(SamplingDecision decision) : decision_(decision) {}
  [[nodiscard]] SamplingResult ShouldSample(const SamplingParameters& /*parameters*/) const override {
    return {.decision = decision_};
  }
  [[nodiscard]] std::string description() const override {
    return decision_ == SamplingDecision::kDrop ? "AlwaysOffSampler" : "AlwaysOnSampler";
  }
  [[nodiscard]] SamplingRule rule() const {
    return decision_ == SamplingDecision::kDrop ? SamplingRule::kNever : SamplingRule::kAlways;
  }

 private:
  const SamplingDecision decision_;
};

class Probability final : public Sampler {
 public:
  Probability(const char* name, double ratio)
      : name_(name), ratio_(std::isnan(ratio) ? 0.0 : std::clamp(ratio, 0.0, 1.0)), threshold_(ThresholdOf(ratio_)) {}

  [[nodiscard]] SamplingResult ShouldSample(const SamplingParameters& parameters) const override {
    const TraceState& parent = parameters.parent.span().trace_state;
    const bool kept = threshold_ < kNone && RandomnessOf(parameters.trace_id, parent) >= threshold_;
    return {.decision = kept ? SamplingDecision::kRecordAndSample : SamplingDecision::kDrop,
            .trace_state = kept ? WithThreshold(parent, threshold_) : WithThreshold(parent, std::nullopt)};
  }
  [[nodiscard]] std::string description() const override {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s{%.6f}", name_, ratio_);
    return text.data();
  }

 private:
  const char* const name_;
  const double ratio_;
  const std::uint64_t threshold_;
};

class ParentBased final : public Sampler {
 public:
  explicit ParentBased(ParentBasedOptions options) : options_(std::move(options)) {}

  // With the default for each sampler that is null.
  static ParentBasedOptions Filled(ParentBasedOptions options) noexcept {
    for (SamplerPtr* on : {&options.root, &options.remote_parent_sampled, &options.local_parent_sampled}) {
      if (*on == nullptr) *on = AlwaysOnSampler();
    }
    for (SamplerPtr* off : {&options.remote_parent_not_sampled, &options.local_parent_not_sampled}) {
      if (*off == nullptr) *off = AlwaysOffSampler();
    }
    return options;
  }

  [[nodiscard]] SamplingResult ShouldSample(const SamplingParameters& parameters) const override {
    const SpanContext& parent = parameters.parent.span();
    if (!parent.valid()) return options_.root->ShouldSample(parameters);
    const SamplerPtr& delegate =
        parent.remote ? (parent.sampled ? options_.remote_parent_sampled : options_.remote_parent_not_sampled)
                      : (parent.sampled ? options_.local_parent_sampled : options_.local_parent_not_sampled);
    SamplingResult result = delegate->ShouldSample(parameters);
    // A threshold that does not agree with the parent's flag would be counted wrongly.
    const auto threshold = ParseThreshold(SubValue(parent.trace_state.Find(kVendor), "th"));
    if (threshold && !result.trace_state &&
        (RandomnessOf(parameters.trace_id, parent.trace_state) >= *threshold) != parent.sampled) {
      result.trace_state = WithThreshold(parent.trace_state, std::nullopt);
    }
    return result;
  }
  [[nodiscard]] std::string description() const override {
    return "ParentBased{root:" + options_.root->description() +
           ",remoteParentSampled:" + options_.remote_parent_sampled->description() +
           ",remoteParentNotSampled:" + options_.remote_parent_not_sampled->description() +
           ",localParentSampled:" + options_.local_parent_sampled->description() +
           ",localParentNotSampled:" + options_.local_parent_not_sampled->description() + "}";
  }
  [[nodiscard]] SamplingRule rule() const {
    const SamplerPtr on = AlwaysOnSampler();
    const SamplerPtr off = AlwaysOffSampler();
    if (options_.remote_parent_sampled != on || options_.local_parent_sampled != on ||
        options_.remote_parent_not_sampled != off || options_.local_parent_not_sampled != off) {
      return SamplingRule::kAskSampler;
    }
    return options_.root == on ? SamplingRule::kParentDecidesElseOn : SamplingRule::kParentDecides;
  }

 private:
  const ParentBasedOptions options_;
};

class AlwaysRecord final : public Sampler {
 public:
  explicit AlwaysRecord(SamplerPtr sampler) : sampler_(std::move(sampler)) {}
  [[nodiscard]] SamplingResult ShouldSample(const SamplingParameters& parameters) const override {
    SamplingResult result = sampler_->ShouldSample(parameters);
    if (result.decision == SamplingDecision::kDrop) result.decision = SamplingDecision::kRecordOnly;
    return result;
  }
  [[nodiscard]] std::string description() const override { return "AlwaysRecord{" + sampler_->description() + "}"; }

 private:
  const SamplerPtr sampler_;
};

}  // namespace

SamplingRule RuleOf(const Sampler& sampler) {
  if (const auto* parent_based = dynamic_cast<const ParentBased*>(&sampler)) return parent_based->rule();
  if (const auto* always = dynamic_cast<const Always*>(&sampler)) return always->rule();
  return SamplingRule::kAskSampler;
}

std::uint64_t ThresholdOf(double ratio) {
  // Not (1 - ratio) * 2^56: small ratios would be lost.
  const std::uint64_t exact = kNone - static_cast<std::uint64_t>(std::llround(ratio * static_cast<double>(kNone)));
  if (exact == 0 || exact >= kNone) return std::min(exact, kNone);
  // Six hex digits, and at least four behind the leading f's: 1 % is fd70a4.
  const int leading_fs = std::countl_one(exact << 8) / 4;
  const int dropped_bits = 4 * std::max(0, 14 - std::max(6, leading_fs + 4));
  const std::uint64_t half = dropped_bits == 0 ? 0 : std::uint64_t{1} << (dropped_bits - 1);
  const std::uint64_t rounded = (exact + half) >> dropped_bits << dropped_bits;
  return rounded < kNone ? rounded : exact;
}

std::uint64_t RandomnessOf(const TraceId& trace_id, const TraceState& trace_state) {
  const std::string_view given = SubValue(trace_state.Find(kVendor), "rv");
  if (given.size() == 14) {
    if (const auto number = ParseHex(given)) return *number;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 9; i < 16; ++i) bits = bits << 8 | trace_id[i];
  return bits;
}

TraceState WithThreshold(const TraceState& trace_state, std::optional<std::uint64_t> threshold) {
  const std::string_view before = trace_state.Find(kVendor);
  std::string entry;
  if (threshold) {
    std::string digits(14, '0');
    std::uint64_t rest = *threshold;
    for (std::size_t i = digits.size(); i-- > 0; rest >>= 4) digits[i] = "0123456789abcdef"[rest & 15];
    digits.erase(std::max<std::size_t>(digits.find_last_not_of('0') + 1, 1));
    entry = "th:" + digits;
  }
  for (Split fields(before, ';'); fields.Next();) {
    if (fields.item().starts_with("th:")) continue;
    if (!entry.empty()) entry += ';';
    entry += fields.item();
  }
  if (entry.empty()) return before.empty() ? trace_state : trace_state.Without(kVendor);
  // Without room for the threshold the probability counts as unknown; what others wrote stays.
  return entry.size() > 256 ? WithThreshold(trace_state, std::nullopt) : trace_state.With(kVendor, entry);
}

}  // namespace sdk

namespace {

template <typename Own, typename... Arguments>
SamplerPtr Make(Arguments&&... arguments) noexcept try {
  return std::make_shared<const Own>(std::forward<Arguments>(arguments)...);
} catch (...) {
  return nullptr;
}

}  // namespace

SamplerPtr AlwaysOnSampler() noexcept {
  static const sdk::NeverDestroyed<sdk::Always> instance(SamplingDecision::kRecordAndSample);
  return {SamplerPtr(), &*instance};
}
SamplerPtr AlwaysOffSampler() noexcept {
  static const sdk::NeverDestroyed<sdk::Always> instance(SamplingDecision::kDrop);
  return {SamplerPtr(), &*instance};
}
SamplerPtr ProbabilitySampler(double ratio) noexcept { return Make<sdk::Probability>("ProbabilitySampler", ratio); }
SamplerPtr TraceIdRatioBasedSampler(double ratio) noexcept {
  return Make<sdk::Probability>("TraceIdRatioBased", ratio);
}
SamplerPtr ParentBasedSampler(ParentBasedOptions options) noexcept {
  return Make<sdk::ParentBased>(sdk::ParentBased::Filled(std::move(options)));
}
SamplerPtr AlwaysRecordSampler(SamplerPtr sampler) noexcept {
  return Make<sdk::AlwaysRecord>(sampler == nullptr ? AlwaysOnSampler() : std::move(sampler));
}

}  // namespace nightjar
