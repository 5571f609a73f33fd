// Samplers decide, when a span starts, whether it is recorded and whether it is exported.
//
// The probability of a decision travels in the trace state as "ot=th:HEX" (OpenTelemetry's consistent probability
// sampling): a span is kept if the last 56 bits of its trace id, or "ot=rv:HEX", reach the threshold. A backend counts
// such a span as 2^56 / (2^56 - threshold) spans.
//
// Threads: all may use a sampler, and make samplers, at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nightjar/span.h"

namespace nightjar {

// What becomes of a span.
enum class SamplingDecision : std::uint8_t {
  kDrop,             // not recorded
  kRecordOnly,       // processors see it; exporters do not, and children count as not sampled
  kRecordAndSample,  // exported
};

// What is known of a span before it starts; valid during the call.
struct SamplingParameters {
  const Context& parent;  // its span is not valid for a root
  const TraceId& trace_id;
  std::string_view name;
  SpanKind kind;
  AttributeMap attributes;
  std::span<const Link> links;
};

// A sampler's answer.
struct SamplingResult {
  SamplingDecision decision = SamplingDecision::kDrop;
  OwnedAttributes attributes = {};             // added to the span
  std::optional<TraceState> trace_state = {};  // unset: the parent's
};

// Write your own by deriving. Called on the program's threads at once: it must be thread-safe, and must not block.
//   class NoHealthChecks final : public Sampler {
//    public:
//     SamplingResult ShouldSample(const SamplingParameters& span) const override {
//       if (span.name == "GET /healthz") return {.decision = SamplingDecision::kDrop};
//       return {.decision = SamplingDecision::kRecordAndSample};
//     }
//     std::string description() const override { return "NoHealthChecks"; }
//   };
//   InitTracing({.sampler = ParentBasedSampler({.root = std::make_shared<NoHealthChecks>()})});
class Sampler {
 public:
  Sampler() = default;
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;
  virtual ~Sampler() = default;
  // A span is dropped whose sampler throws.
  [[nodiscard]] virtual SamplingResult ShouldSample(const SamplingParameters& parameters) const = 0;
  // Shown to people, such as "TraceIdRatioBased{0.010000}". Throws std::bad_alloc.
  [[nodiscard]] virtual std::string description() const = 0;
};
using SamplerPtr = std::shared_ptr<const Sampler>;  // shared by providers and by samplers that delegate

// The functions below give null when there is no memory, and take null for what they have by default.

//   InitTracing({.sampler = debug ? AlwaysOnSampler() : AlwaysOffSampler()});
SamplerPtr AlwaysOnSampler() noexcept;   // keeps every span
SamplerPtr AlwaysOffSampler() noexcept;  // keeps none

// Keeps this share of the traces, by their ids, and says so with "ot=th". `ratio` is cut to 0..1; below 2^-56 it is 0.
// The parent's decision is ignored: give it to ParentBasedSampler as the root.
//   InitTracing({.sampler = ParentBasedSampler({.root = ProbabilitySampler(0.01)})});
SamplerPtr ProbabilitySampler(double ratio) noexcept;
// The same decision under the older name.
//   InitTracing({.sampler = TraceIdRatioBasedSampler(0.01)});
SamplerPtr TraceIdRatioBasedSampler(double ratio) noexcept;

// A span with a parent takes the parent's decision, by the defaults; a root asks `root`.
struct ParentBasedOptions {
  SamplerPtr root = AlwaysOnSampler();
  SamplerPtr remote_parent_sampled = AlwaysOnSampler();
  SamplerPtr remote_parent_not_sampled = AlwaysOffSampler();
  SamplerPtr local_parent_sampled = AlwaysOnSampler();
  SamplerPtr local_parent_not_sampled = AlwaysOffSampler();
};
// With these samplers, each asked in its place.
SamplerPtr ParentBasedSampler(ParentBasedOptions options = {}) noexcept;

// Records what `sampler` (AlwaysOnSampler) would drop, so that processors can count every span.
//   InitTracing({.sampler = AlwaysRecordSampler(ProbabilitySampler(0.01))});
SamplerPtr AlwaysRecordSampler(SamplerPtr sampler) noexcept;

}  // namespace nightjar
